"""Keys by issuer, made of parts at run time: the values are random and open nothing."""

import base64
import random
import re
import string
from pathlib import Path

import pytest

from tests.detectors.conftest import TODAY

ROOT = Path(__file__).parents[2]
HEX, CAPITALS = "0123456789abcdef", string.ascii_uppercase + string.digits
SETS = {
    "h": HEX,
    "H": HEX.upper(),
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "u": CAPITALS,
    "s": string.ascii_letters,
    "m": string.ascii_lowercase,
    "d": string.digits,
    "B": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
}
FIELD = re.compile(r"\{([a-zA-Z])(\d+)\}")
UUID = "{h8}-{h4}-{h4}-{h4}-{h12}"


def made(template, seed):
    """A template with its fields drawn and the signs taken out that keep scanners of source code quiet."""
    draw = random.Random(f"{template} {seed}")
    return FIELD.sub(lambda field: "".join(draw.choices(SETS[field[1]], k=int(field[2]))), template.replace("~", ""))


KEYS = [
    ("aws-key", "aws_access_key_id = AK~IA{u16}"),
    ("aws-secret-key", "aws_secret_access_key = {a40}"),
    ("aws-secret-key", 'AWS_SECRET_KEY="{a40}"'),
    ("aws-session-token", "token IQoJb3~JpZ2lu{a120}"),
    ("alibaba-key", "accessKeyId: LT~AI5t{a20}"),
    ("alibaba-secret", 'aliyun.oss.accessKeySecret="{a30}"'),
    ("tencent-key", "SecretId: AK~ID{a32}"),
    ("tencent-secret", "TENCENTCLOUD_SECRET_KEY={a32}"),
    ("huawei-key", "huaweicloud.sk = '{a40}'"),
    ("huawei-key", "华为云 AK：{u20}"),
    ("baidu-key", "AL~TAK{a21}"),
    ("baidu-secret", "baidu_map_ak = {a32}"),
    ("baidu-secret", "百度智能云 SecretKey：{h32}"),
    ("volcengine-key", "AK~LT{a43}"),
    ("volcengine-secret", "ARK_API_KEY=" + UUID),
    ("jd-key", "JD~C_{u28}"),
    ("qiniu-key", "qiniu.secretKey={a40}"),
    ("qiniu-key", "七牛密钥：{a40}"),
    ("ucloud-key", "ucloud_private_key: {a44}"),
    ("netease-key", 'netease: {{appSecret: "{h32}"'),
    ("google-api-key", "https://maps/?key=AI~za{a35}"),
    ("google-oauth-secret", "GOC~SPX-{a28}"),
    ("azure-storage-key", "AccountName=x;Account~Key={a86}=="),
    ("azure-client-secret", "{a3}8Q\0{a34}"),
    ("azure-service-bus-key", "SharedAccess~Key={a43}="),
    ("digitalocean-token", "do~p_v1_{h64}"),
    ("heroku-key", "HEROKU_API_KEY=" + UUID),
    ("cloudflare-key", "CLOUDFLARE_API_TOKEN={a40}"),
    ("ibm-cloud-key", 'ibm-cloud-api-key: "{a44}"'),
    ("ibm-cos-key", "cos_hmac_secret_access_key={h48}"),
    ("softlayer-key", "softlayer_api_key = '{l64}'"),
    ("cloudant-key", 'cloudant_password = "{h64}"'),
    ("databricks-token", "da~pi{h32}"),
    ("vault-token", "X-Vault-Token: s.{a24}"),
    ("vault-token", "hv~s.{a92}"),
    ("terraform-token", "{a14}.atl~asv1.{a67}"),
    ("doppler-token", "d~p.pt.{a43}"),
    ("tailscale-key", "ts~key-auth-{a17}-{a32}"),
    ("github-token", "gh~p_{a36}"),
    ("github-token", "git~hub_pat_{a22}_{a59}"),
    ("gitlab-token", "gl~pat-{a20}"),
    ("gitee-token", "GITEE_TOKEN: {h32}"),
    ("coding-token", "coding_api_token = {h40}"),
    ("npm-token", "np~m_{a36}"),
    ("npm-token", "//npm.corp.cn/:_auth~Token={a32}"),
    ("pypi-token", "py~pi-AgEIcHlwaS5vcmc{a140}"),
    ("docker-token", "dck~r_pat_{a27}"),
    ("artifactory-key", "X-JFrog-Art-Api: AK~Cp{a69}"),
    ("sonarqube-token", "sq~p_{h40}"),
    ("circleci-token", "CCI~PAT_{a22}_{h40}"),
    ("jenkins-token", "jenkins_token=11{h32}"),
    ("sentry-token", "sntr~yu_{h64}"),
    ("postman-key", "PM~AK-{h24}-{h34}"),
    ("newrelic-key", "NR~AK-{u27}"),
    ("datadog-key", "DD_API_KEY={h32}"),
    ("grafana-token", "gl~sa_{a32}_{h8}"),
    ("notion-token", "nt~n_{d11}{a35}"),
    ("figma-token", "fi~gd_{a40}"),
    ("openai-key", "sk-pro~j-{a58}T3Blbk~FJ{a58}"),
    ("anthropic-key", "sk-an~t-api03-{a95}"),
    ("huggingface-token", "h~f_{s34}"),
    ("deepseek-key", "DEEPSEEK_API_KEY=s~k-{h32}"),
    ("dashscope-key", "通义千问 api_key: s~k-{h32}"),
    ("moonshot-key", "moonshot_api_key = 's~k-{a48}'"),
    ("siliconflow-key", "SILICONFLOW_API_KEY=s~k-{m48}"),
    ("zhipu-key", "{h32}.{a16}"),
    ("openai-compatible-key", "client = C(s~k-{h32})"),
    ("slack-token", "xo~xb-{d12}-{d12}-{a24}"),
    ("slack-webhook", "https://hooks.sl~ack.com/services/T{u10}/B{u10}/{a24}"),
    ("discord-token", "MT~A{a23}.{a6}.{a38}"),
    ("telegram-token", "{d10}:A~A{a33}"),
    ("dingtalk-webhook", "https://oapi.ding~talk.com/robot/send?access_token={h64}"),
    ("dingtalk-secret", "加签 SE~C{h64}"),
    ("wecom-webhook", "https://qyapi.wei~xin.qq.com/cgi-bin/webhook/send?key=" + UUID),
    ("wecom-secret", "企业微信 secret：{a43}"),
    ("wechat-secret", "wechat.appSecret={h32}"),
    ("wechat-secret", "微信公众号密钥：{h32}"),
    ("feishu-webhook", "https://open.fei~shu.cn/open-apis/bot/v2/hook/" + UUID),
    ("feishu-secret", "飞书 App Secret: {a32}"),
    ("amap-key", "高德地图 key: {h32}"),
    ("tencent-map-key", "{B5}-{B5}-{B5}-{B5}-{B5}-{B5}"),
    ("twilio-key", "A~C{h32}"),
    ("sendgrid-key", "S~G.{a22}.{a43}"),
    ("mailgun-key", "ke~y-{h32}"),
    ("mailchimp-key", "{h32}-us~17"),
    ("brevo-key", "xkey~sib-{h64}-{a16}"),
    ("okta-token", "Authorization: SSWS 00{a40}"),
    ("facebook-token", "EA~A{a150}"),
    ("stripe-key", "s~k_live_{a24}"),
    ("square-key", "sq~0csp-{a43}"),
    ("shopify-token", "shp~at_{h32}"),
    ("paypal-secret", "paypal_client_secret: E{a79}"),
    ("wechat-pay-key", "mch_key={a32}"),
    ("wallet-key", "private_key: 0x{h64}"),
    ("binance-key", "BINANCE_SECRET_KEY='{a64}'"),
    ("http-key", "curl -H 'X-API-Key: {a40}' https://api.corp.cn"),
    ("mail-code", "SMTP 授权码：{m16}"),
    ("generic-assignment", "secret-key: {h64}"),
    ("generic-assignment", "AppKey: {d8} AppSecret: {h32}"),
    ("http-bearer", "Authorization: Bearer {a40}"),
    ("generic-assignment", 'service_token = "{a32}"'),
    ("generic-assignment", "  接口令牌：{a24}"),
]
PASSWORDS = [
    ("password-assignment", 'db_password = "k8Tq-w2Lz9"'),
    ("password-assignment", "    password: Admin@123456"),
    ("password", "初始密码为abc123456"),
    ("password", "Your new password is k8Tq-w2Lz9"),
    ("password", "后台密码：k8Tq@w2Lz9"),
    ("env-file", "MYSQL_ROOT_PASSWORD=k8Tq-w2Lz9"),
    ("password-assignment", "spring.redis.password: k8Tq-w2Lz9"),
    ("basic-auth", "mongodb+srv://app:k8Tqw2Lz9@db.corp.cn/hr"),
    ("basic-auth", "redis://:k8Tqw2Lz9@10.1.1.8:6379"),
    ("connection-string", "Data Source=db1;User ID=sa;Password=k8Tq-w2Lz9;"),
    ("connection-string", "jdbc:postgresql://db1/hr?user=app&password=k8Tq-w2Lz9"),
    ("connection-string", "requirepass k8Tq-w2Lz9"),
    ("command-line", "sshpass -p k8Tq-w2Lz9 ssh root@10.1.1.2"),
    ("command-line", "curl -u lili:k8Tq-w2Lz9 https://api.corp.cn"),
    ("command-line", "mysqldump -uroot -pk8Tqw2Lz9 hr"),
    ("command-line", 'echo "root:k8Tq-w2Lz9" | sudo chpasswd'),
    ("command-line", "PGPASSWORD=k8Tq-w2Lz9 psql -h db1"),
    ("sql-password", "create user hr identified by 'k8Tq-w2Lz9'"),
    ("sql-password", "ALTER ROLE hr WITH PASSWORD 'k8Tq-w2Lz9'"),
    ("password", "VPN 口令 k8Tq-w2Lz9"),
    ("password-assignment", "ansible_ssh_pass: k8Tq-w2Lz9"),
    ("wifi-password", "WIFI:S:office;T:WPA;P:k8Tqw2Lz9;;"),
    ("wifi-password", "无线网络密码：k8Tqw2Lz9"),
    ("netrc", "machine git.corp.cn\n  login lili\n  password k8Tq-w2Lz9"),
    ("network-device", "local-user admin password cipher k8Tq/w2Lz9=="),
    ("kubernetes-secret", "kind: Secret\ndata:\n  db-password: azhUcS13Mkx6OQ=="),
    ("private-key", "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE"),
    ("private-key", "-----BEGIN PGP PRIVATE KEY BLOCK-----"),
    ("private-key", "PuTTY-User-Key-File-3: ssh-ed25519"),
]
CLEAN = [
    "const password = getPassword(user1);",
    "password: ${DB_PASSWORD_1}",
    'password = os.environ["DB_PASSWORD_1"]',
    'token: "{{ secrets.DEPLOY_TOKEN_2 }}"',
    'api_key = "YOUR-API-KEY-1"',
    'api_key: "xxxxxxxxxxxxxxxxxxxxxxxx"',
    'secret = "changeme123"',
    "DB_PASSWORD=changeme1",
    "TOKEN_EXPIRY_SECONDS=86400",
    'password = "1qaz2wsx3edc"',
    "密码长度不少于8位，须含字母A1",
    "初始密码：请向管理员索取",
    "https://user:${TOKEN}@git.corp.cn/a.git",
    "Authorization: Bearer <access-token-1>",
    "Authorization: Basic dXNlcjpwYXNzd29yZA==",
    "curl -u user:$PASSWORD https://api.corp.cn",
    "mysql -u root -p hr_database1",
    "Server=db1;Database=hr;Password=********;",
    "snmp-server community public RO",
    "wpa_passphrase=<passphrase>",
    "secret_key_base = load_application_secret_key_2",
    "compass = 'north-east-9'",
    "password_policy: min8-Upper1-Lower1",
    "口令 见附件2，密码 sha256sum 校验",
    "CREATE USER hr IDENTIFIED BY 'password'",
    "GRANT ALL TO hr IDENTIFIED BY '${HR_PASSWORD_1}'",
    'publicKeyToken="b77a5c561934e089"',
    'header = b"-----BEGIN RSA PRIVATE KEY-----"',
    "-----BEGIN PUBLIC KEY-----\nMIIBIjAN",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ lili@pc",
    "    --hash=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '"integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="',
    '"jenkins": {"commit": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}',
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "wechat-sdk token sha1: 9f86d081884c7d659a2feaa0c55ad015",
    "id: 743b294a-cd03-11ec-9d64-0242ac120002",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "kind: ConfigMap\ndata:\n  password-policy: c3RyaWN0LXBvbGljeQ==",
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rule", "template"), KEYS)
def test_a_key_is_found_and_named(findings, rule, template, seed):
    line = made(template, seed).replace("\0", "~")
    assert f"secret.{rule}" in [name for name, _ in findings(line)], line


@pytest.mark.parametrize(("rule", "line"), PASSWORDS)
def test_a_password_is_found(findings, rule, line):
    assert f"secret.{rule}" in [name for name, _ in findings(line)]


@pytest.mark.parametrize("line", CLEAN)
def test_what_opens_nothing_is_left_alone(findings, line):
    assert [name for name, _ in findings(line) if name.startswith("secret.")] == []


@pytest.mark.parametrize(("rule", "template"), [pair for pair in KEYS if "{h32}" in pair[1] or "{a40}" in pair[1]])
def test_a_placeholder_of_the_same_form_is_left_alone(findings, rule, template):
    line = FIELD.sub(lambda field: "x" * int(field[2]), template.replace("~", ""))
    assert f"secret.{rule}" not in [name for name, _ in findings(line)]


def test_only_the_value_is_the_hit(findings):
    value = made("{a40}", 1)
    assert ("secret.qiniu-key", value) in findings(f"qiniu_secret_key = '{value}'")
    assert ("secret.basic-auth", "k8Tqw2Lz9") in findings("https://li:k8Tqw2Lz9@git.corp.cn/a.git")


def test_a_value_in_base64_must_hold_a_name_and_a_password(findings):
    def lines(plain):
        return "Authorization: Basic " + base64.b64encode(plain).decode()

    assert [name for name, _ in findings(lines(b"lili:k8Tq-w2Lz9"))] == ["secret.http-basic"]
    assert findings(lines(b"lili-k8Tq-w2Lz9")) == []
    assert findings(lines(b":k8Tq-w2Lz9")) == []
    assert findings(lines(b"lili:k8T")) == []
    assert findings(lines(b"lili:k8Tq")) != []
    assert findings(lines(b"\xff\xfe\xfd:k8Tq-w2Lz9")) == []


def test_every_rule_has_a_placeholder_or_a_near_miss_and_a_literal_name(rules):
    ids = [rule.id for rule in rules.rules if rule.id.startswith("secret.")]
    assert len(ids) >= 190
    for rule in rules.rules:
        if rule.id.startswith("secret."):
            assert len(rule.misses) >= 2, rule.id
            assert rule.name.en != rule.name.zh, rule.id


def test_the_table_in_the_documentation_names_every_rule(rules):
    page = (ROOT / "docs" / "credentials.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(secret\.[a-z0-9-]+)`", page, re.MULTILINE))
    assert told == {rule.id for rule in rules.rules if rule.id.startswith("secret.")}


BAIT = ["password=" * 3_000, "qiniu" * 8_000, "a:" * 20_000, "key" + " " * 30_000, "api_key = '" * 3_000, "A" * 60_000]


@pytest.mark.parametrize("bait", BAIT)
def test_hostile_text_does_not_make_a_rule_slow(engine, bait):
    assert engine.detect(bait, TODAY).unfinished == ()
