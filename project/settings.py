"""Settings: one file; what differs between places comes from the environment (docs/operations.md)."""

from pathlib import Path
from zlib import crc32

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from project import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("BIHUAN_DATA", str(BASE_DIR / "var" / "data"))).resolve()

DEMO = env.flag("BIHUAN_DEMO")
DEMO_ON_LOOPBACK = env.text("BIHUAN_BIND", "127.0.0.1") in {"127.0.0.1", "localhost", "::1"}
DEBUG = False
TESTING = env.flag("BIHUAN_TESTING")

SECRET_KEY = env.text("BIHUAN_SECRET_KEY", "not-a-secret-only-for-demo-and-tests" if DEMO or TESTING else None)
if not (DEMO or TESTING) and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("BIHUAN_SECRET_KEY is too short; make one of at least 50 random characters.")
ALLOWED_HOSTS = env.words("BIHUAN_HOSTS", "127.0.0.1,localhost,[::1]" if DEMO or TESTING else "")
CSRF_TRUSTED_ORIGINS = env.words("BIHUAN_ORIGINS")

INSTALLED_APPS = [
    "organizations",
    "workflows",
    "rectification",
    "inspections",
    "notifications",
    "project.apps.ProjectAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "viewflow",
    "viewflow.workflow",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "project.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "rectification.keeping.KeepText",  # around what turns a form away: the token, the log-in, the clock
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "organizations.middleware.IdleTimeout",
    "organizations.middleware.FirstPassword",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rectification.shell.shell",
                *(["project.demo.bar.bar"] if DEMO else []),
            ],
            "builtins": ["rectification.templatetags.bihuan"],
        },
    }
]
DATABASES = {"default": env.database(DATA_DIR / "bihuan.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    # Argon2 is slow on purpose; one test of its own logs in with it.
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "organizations.passwords.LettersAndDigits"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
# Together, not either: a whole office sits behind one address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "organizations/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 3600
IDLE_SECONDS = env.number("BIHUAN_IDLE_SECONDS", 1800)

# How far ahead of the machine the demo's clock stands; start-up checks refuse it anywhere else.
CLOCK_FILE = env.text("BIHUAN_CLOCK_FILE", str(DATA_DIR / "clock") if DEMO else "")
MAIL_DIR = DATA_DIR / "mail"
if DEMO:
    EMAIL_BACKEND = "project.demo.mail.MailToFiles"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = env.mail(
    "BIHUAN_MAIL_URL", "smtp://127.0.0.1:25"
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("BIHUAN_MAIL_FROM", "bihuan@localhost")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("BIHUAN_STATIC", str(BASE_DIR / "var" / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# Demo and tests serve from the sources; production collects first.
WHITENOISE_USE_FINDERS = DEMO or TESTING
# Each test client builds the middleware anew: in tests a file is looked for when it is asked for, not all at once.
WHITENOISE_AUTOREFRESH = TESTING
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "evidence",
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# One broker, cache and channel layer for all processes; without it each process is alone and tasks run nowhere.
REDIS_URL = env.text("REDIS_URL", "")
# A demo that borrows somebody's Redis keeps to itself.
REDIS_PREFIX = f"bihuan-demo-{crc32(bytes(DATA_DIR)):08x}" if DEMO else "bihuan"
# How long a person's request waits for Redis, and how long a worker does.
HASTY_SOCKETS = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
PATIENT_SOCKETS = {"socket_connect_timeout": 5, "socket_timeout": 5}
CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
            "OPTIONS": HASTY_SOCKETS,
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
CHANNEL_LAYERS = {
    "default": (
        {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, **HASTY_SOCKETS}], "prefix": REDIS_PREFIX},
        }
        if REDIS_URL
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}

CELERY_BROKER_URL = REDIS_URL if REDIS_URL and not TESTING else "memory://"  # no test fills a queue that lasts
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
# A task that a dying worker left is run again: every task may run twice.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 120, 150
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any pause of its broker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **HASTY_SOCKETS,
    "global_keyprefix": f"{REDIS_PREFIX}:",
    "max_retries": 0,
    "interval_start": 0,
}

# Strict: no inline script or style anywhere, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False  # drafts are saved by script, which reads the token from the cookie
# Behind HTTPS everywhere but in demo and tests.
_https = env.flag("BIHUAN_HTTPS", default=not (DEMO or TESTING))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes on the machine itself speak plain http
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
if env.flag("BIHUAN_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

EVENT_HASH = env.text("BIHUAN_HASH", "sha256")
if EVENT_HASH not in {"sha256", "sm3"}:
    raise ImproperlyConfigured(f"BIHUAN_HASH is '{EVENT_HASH}'; use sha256 or sm3.")

# Where messages go: the server of group robots, and hosts of our own network that webhooks may reach.
WECOM_BASE = env.text("BIHUAN_WECOM_BASE", "https://qyapi.weixin.qq.com").rstrip("/")
if not WECOM_BASE.startswith(("https://", "http://") if DEMO or TESTING else "https://"):
    raise ImproperlyConfigured("BIHUAN_WECOM_BASE must begin with https://, because robots are called with their key.")
WEBHOOK_HOSTS = [host.lower() for host in env.words("BIHUAN_WEBHOOK_HOSTS")]
if any("/" in host or host.count(":") == 1 for host in WEBHOOK_HOSTS):
    raise ImproperlyConfigured("BIHUAN_WEBHOOK_HOSTS lists bare host names, without https:// and without a port.")
# Links in messages are read outside the site, so they need its whole address.
_first_host = (ALLOWED_HOSTS or ["127.0.0.1"])[0]
SITE_URL = env.text("BIHUAN_SITE_URL", f"{'https' if _https else 'http'}://{_first_host}").rstrip("/")
LIVE_SOCKET = "/live/socket/"
# Worked hours after which something red and unread goes to the next person.
ESCALATE_HOURS = env.number("BIHUAN_ESCALATE_HOURS", 4)

SITE_TITLE = "督查整改闭环管理平台"

LOG_FORMAT = env.text("BIHUAN_LOG_FORMAT", "lines")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"BIHUAN_LOG_FORMAT is '{LOG_FORMAT}'; use lines or json.")
LOGGING = logs.configure(LOG_FORMAT, env.text("BIHUAN_LOG_LEVEL", "WARNING"))
