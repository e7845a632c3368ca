"""Tables of invented people: names, numbers with a right check digit, mailboxes; the same seed, the same people."""

import random

HEADS = ["姓名", "身份证号", "手机", "卡号", "邮箱", "城市"]
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰海燕雪飞文斌志国春梅红波建宁欣怡子轩浩然雨桐思远"
_REGIONS = ("110101", "310104", "440305", "510107", "320106", "330106")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def people(count, seed=1):
    """Rows under HEADS."""
    rng = random.Random(seed)
    for number in range(count):
        name = rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2, 2))))
        born = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
        identity = f"{rng.choice(_REGIONS)}{born}{rng.randint(0, 999):03}"
        check = sum(int(digit) * weight for digit, weight in zip(identity, _WEIGHTS, strict=True)) % 11
        yield [
            name,
            identity + "10X98765432"[check],
            f"1{rng.choice('3578')}{rng.randint(0, 999_999_999):09}",
            f"6222{rng.randint(0, 10**15 - 1):015}",
            f"u{seed}n{number}@corp-mail.cn",
            rng.choice(("北京", "上海", "广州")),
        ]
