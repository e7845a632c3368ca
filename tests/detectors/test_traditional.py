from detectors import traditional
from detectors.traditional import simplified


def test_every_pair_is_one_character_to_another_and_leads_nowhere_else():
    pairs = traditional._PAIRS.split()
    assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs)
    assert len(traditional._TABLE) == len(pairs)
    assert not {ord(pair[1]) for pair in pairs} & set(traditional._TABLE)
    assert set(map(ord, traditional._COMMON)) <= set(traditional._TABLE)


def test_running_text_is_made_simplified_character_for_character():
    text = "這個問題關係到國家的經濟發展，應當認真對待。"
    assert simplified(text) == "这个问题关系到国家的经济发展，应当认真对待。"
    assert simplified("一个字体體") == "一个字体體"  # one by itself is a name or a quotation
    plain = "本办法自发布之日起施行。"
    assert simplified(plain) is plain
