"""Settings of every process; what differs between installations is read from `bnpl.env`."""

import base64
import contextlib
import hashlib
from typing import Any

import psycopg2
import psycopg2.extensions
from csp.constants import NONE, SELF

from bnpl import env
from brands.hosts import Hosts
from operations.theme import UNFOLD  # noqa: F401  (a setting by its name)

BASE_DIR = env.ROOT
VAR_DIR = env.var_dir()
MODE = env.get("BNPL_MODE")
SANDBOX = MODE == "sandbox"
TESTING = env.flag("BNPL_TESTING")
# A live installation that is tested with stand-ins for providers, which may be called by plain http on this machine.
REHEARSAL = env.flag("BNPL_REHEARSAL")
DEBUG = False

SECRET_KEY = env.get("BNPL_SECRET_KEY") or ("sandbox-only-key-" + "k" * 40 if SANDBOX else "")
# Earlier keys: their signatures are still accepted, but new ones are not made with them.
SECRET_KEY_FALLBACKS = [key for key in env.get("BNPL_SECRET_KEYS_BEFORE").split(",") if key]
BASE_URL = env.get("BNPL_BASE_URL").rstrip("/")
SHOP_URL = env.get("BNPL_SHOP_URL").rstrip("/")
_HOSTS = [host for host in env.get("BNPL_ALLOWED_HOSTS").split(",") if host]
ALLOWED_HOSTS = (_HOSTS or ["*"]) if SANDBOX else Hosts(_HOSTS)
SECURE = BASE_URL.startswith("https://")
# Proxies in front that are trusted for the client's address: their number, or their networks ("10.0.0.0/8,192.0.2.7"). TLS ends at one.
TRUSTED_PROXIES = env.get("BNPL_TRUSTED_PROXIES") or ("1" if SECURE else "0")

INSTALLED_APPS = [
    "operations.menu.ThemeConfig",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_cotton",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "core",
    "controls",
    "learning",
    "markets",
    "brands",
    "ledger",
    "accounts",
    "credit",
    "fraud",
    "payments",
    "plans",
    "merchants",
    "checkout",
    "collection",
    "notifications",
    "webhooks",
    "reports",
    "portals",
    "operations",
    "simulation",
    "stack",
    "bnpl",
]

MIDDLEWARE = [
    "core.api.middleware.RequestId",
    "brands.middleware.HostBrand",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "operations.site.Compressed",
    "portals.middleware.ContentSecurityPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portals.middleware.FrameCookies",
    "portals.devices.DeviceCookie",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portals.staff.guard.SecondFactor",
    "portals.language.Language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "operations.site.Opened",
    "operations.site.Proving",
    "portals.middleware.Acting",
]

ROOT_URLCONF = "bnpl.urls"
WSGI_APPLICATION = "bnpl.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portals.context.brand",
            ],
            # Replaces Django's own `i18n` tags, with additions.
            "libraries": {"i18n": "core.templatetags.translating"},
            "builtins": ["django_cotton.templatetags.cotton", "portals.templatetags.ui"],
        },
    }
]
COTTON_DIR = "components"


def _address(name: str) -> dict[str, str]:
    """Parse a database's URL; if it is malformed, the process ends."""
    try:
        return dict(psycopg2.extensions.parse_dsn(env.get(name) or "postgresql://postgres@localhost/bnpl"))
    except psycopg2.ProgrammingError:
        env.stop(name, "is no address of a database.", "Set it to postgresql://user:password@host:5432/database")


def _role(dsn: dict[str, str]) -> dict[str, Any]:
    """Return the role and the server in a database's URL."""
    # A session whose process or host has died releases its locks after a minute.
    options = "-c default_transaction_isolation=read\\ committed -c idle_in_transaction_session_timeout=60s"
    return {
        "USER": dsn.get("user", "postgres"),
        "PASSWORD": dsn.get("password", ""),
        "HOST": dsn.get("host", ""),
        "PORT": dsn.get("port", ""),
        "OPTIONS": {"options": f"{options} {dsn.get('options', '')}".strip(), "connect_timeout": 5},
    }


def _database(dsn: dict[str, str]) -> dict[str, Any]:
    return {
        **_role(dsn),
        "ENGINE": "django.db.backends.postgresql",
        "NAME": dsn.get("dbname", "bnpl"),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        # Tests copy an already migrated database if the stack has made one.
        "TEST": {"TEMPLATE": env.get("BNPL_TEST_TEMPLATE") or None},
    }


DATABASES = {"default": _database(_address("DATABASE_URL"))}
# The role of the application, and the role that owns the tables: see `core.roles`.
DATABASE_ROLE = (DATABASES["default"]["USER"], DATABASES["default"]["PASSWORD"])
DATABASE_OWNER = _role(_address(env.OWNER)) if env.get(env.OWNER) else {}
REDIS_URL = env.get("REDIS_URL")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"] if TESTING else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
STAFF_FACTOR = not SANDBOX
"""Whether operators and teams need a second factor before two people decide about it."""
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/merchant/sign-in"
LOGIN_REDIRECT_URL = "/merchant/"
AXES_FAILURE_LIMIT = "accounts.passwords.tries_left_to"
AXES_CLIENT_IP_CALLABLE = "accounts.passwords.place_of"
AXES_USERNAME_CALLABLE = "accounts.passwords.name_of"
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_CALLABLE = "portals.merchant.entering.views.locked_out"
AXES_VERBOSE = False
# Our own log line names a failed sign-in without the address; axes would write the address.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
# The last two would have us promise `https` for all other hosts of the lender's domain, which are not ours.
SILENCED_SYSTEM_CHECKS = ["axes.W006", "templates.W003", "security.W005", "security.W021"]

SESSION_ENGINE = "core.session_store"
# The prefix makes browsers take a cookie from this host alone, over TLS.
SESSION_COOKIE_NAME = "__Host-bnpl_session" if SECURE else "bnpl_session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "portals.checkout.views.no_token"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": [], "payment": []}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# API calls are small; a larger body is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "core.uploads.SealedUploadHandler"]

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("da", "Dansk"), ("sv", "Svenska"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "bnpl_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN if TESTING else _MANIFEST},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING

# Field encryption: "kid:base64key,kid:base64key", the first one encrypts; all decrypt.
FIELD_KEYS = env.get("BNPL_FIELD_KEYS")
# Keys of the hashes by which encrypted values are looked up: "name:base64key,name:base64key", the first one makes new hashes.
try:
    LOOKUP_KEYS = [base64.b64decode(pair.partition(":")[2], validate=True) for pair in env.get("BNPL_LOOKUP_KEYS").split(",") if pair]
except ValueError:
    # The check of the installation reports it.
    LOOKUP_KEYS = []
LOOKUP_KEYS = LOOKUP_KEYS or [hashlib.sha256(b"lookup:" + SECRET_KEY.encode()).digest()]

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["merchants.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["merchants.api.authentication.HasSecretKey"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Schema",
    "EXCEPTION_HANDLER": "core.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Payments API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}

API_URLS = "bnpl.urls_api"
# Functions that list texts for the catalogs that are not marked in any file.
UNMARKED_TEXTS = ["core.labels.list_labels", "controls.rule_kinds.list_texts", "portals.developers.docs.list_texts"]
SUBSCRIPTIONS = "bnpl.subscriptions.SUBSCRIPTIONS"
TIMERS = "bnpl.timers.TIMERS"
PROPOSALS = "bnpl.proposals.KINDS"
SETTABLE = "bnpl.settable.SETTINGS"
INSTALLATION = "bnpl.installation.list_values"
SETTING_VALUES = "controls.services.adjusting.changed_values"
RULE_KINDS = "bnpl.rule_kinds.KINDS"
CURRENCY_OF_MARKET = "markets.queries.currency_of"
# The names of brands, markets and shops to which rules are limited.
PLACE_NAMES = "operations.ruling.places.names_in"
ROUTED = "checkout.routing.held_matters"
ONE_PERSON = "accounts.queries.may_be_one_person"
CLOCK_FOLLOWERS = "bnpl.timers.CLOCK_FOLLOWERS"
RETENTIONS = "bnpl.retentions.RETENTIONS"
LASTING = "bnpl.retentions.LASTING"
KEEPERS = "bnpl.keepers.KEEPERS"
AUDITED = "bnpl.audited.AUDITED"
# Functions that `migrate` calls at its end, as the owner of the tables.
AFTER_MIGRATE = [
    "controls.services.installing.install",
    "controls.services.installing.install_settings",
    "controls.services.shipping.ship_rules",
]

GATEWAY = env.get("BNPL_GATEWAY")
# The provider of bank debits; the sandbox, if it is the gateway.
PULLS = env.get("BNPL_PULLS") or ("sandbox" if SANDBOX and GATEWAY == "sandbox" else "")
VERIFICATION = env.get("BNPL_VERIFICATION")
SMS = env.get("BNPL_SMS")
IDENTITY = env.get("BNPL_IDENTITY")
BUREAU = env.get("BNPL_BUREAU")
# Accounts with registers, companies that screen people and providers of open banking are typed in; only a sandbox has them from the start.
OPEN_BANKING = "sandbox" if SANDBOX else ""
SIGN_IN = "sandbox" if SANDBOX else ""
PICTURES = "sandbox" if SANDBOX else ""
REGISTERS = "sandbox" if SANDBOX else ""
SCREENING = "sandbox" if SANDBOX else ""
# Every installation sends e-mail: a sandbox to its mailbox, others by the server of EMAIL_URL or by a brand's own account.
MAIL = "sandbox" if SANDBOX else "smtp"
PROVIDER_VALUES = {name: env.get(name) for name in env.KNOWN if name.startswith(("STRIPE_", "TWILIO_", "IDENTITY_", "BUREAU_"))}
with contextlib.suppress(ValueError):  # The check of the installation reports it.
    PROVIDER_VALUES |= env.mail_server(env.get("EMAIL_URL"))
# Test processes read the accounts from rows only once, and do not write counts in the background, so that a test sees only its own counts.
PROVIDERS_REREAD_S = float("inf") if TESTING else 5.0
PROVIDER_CALLS_EVERY_S = float("inf") if TESTING else 5.0
SANDBOX_URL = env.get("SANDBOX_URL").rstrip("/")
# The URL at which people reach the sandbox's mailbox and phone, if it differs from the one that the platform uses.
SANDBOX_PUBLIC_URL = env.get("SANDBOX_PUBLIC_URL").rstrip("/") or SANDBOX_URL
SANDBOX_KEY = env.get("SANDBOX_KEY")
SANDBOX_EVENTS_SECRET = env.get("SANDBOX_EVENTS_SECRET")
# Refused in live mode, except in a rehearsal, whose stand-ins accept no others.
PUBLISHED_SECRETS = frozenset() if SANDBOX or REHEARSAL else env.PUBLISHED
CALLS_IN_FLIGHT = env.number("BNPL_CALLS_IN_FLIGHT")
# Each reading of a gateway's list of events begins this long before the end of the last one, for events that entered the list late.
EVENTS_OVERLAP_MINUTES = env.number("BNPL_EVENTS_OVERLAP_MINUTES")
# The time after which a charge, refund or payout without an answer becomes a task for a person.
UNANSWERED_HOURS = env.number("BNPL_UNANSWERED_HOURS")
API_CALLS_PER_MINUTE = env.number("BNPL_API_CALLS_PER_MINUTE")
# The prefix of the fraud counters' keys in Redis; each test has one of its own.
FRAUD_COUNTERS = "fraud"
SOURCE_FAILURES = "sources"
# The operator's own files with the owners and the places of internet addresses (`fraud.networks`).
AUDITORS = [address for one in env.get("BNPL_AUDITORS").split(",") if (address := one.strip())]
NETWORKS_FILE = env.get("BNPL_NETWORKS_CSV")
# The directory in which files are exchanged with agencies, one directory for each contract.
AGENCY_FILES = env.get("BNPL_AGENCY_FILES")
# Where published lists of sanctions come from, by who publishes them: `ofac=https://..., eu=/srv/lists/eu`.
SANCTIONS_LISTS = {
    source.strip(): place.strip() for one in env.get("BNPL_LISTS").split(",") if one for source, _, place in [one.partition("=")]
}
GEOIP_FILE = env.get("BNPL_GEOIP_MMDB")
# How many days rows of traffic tables are kept, by variable: see `core.retention`.
KEEP_DAYS = {name: env.number(name, least=0) for name in env.KNOWN if name.startswith("BNPL_KEEP_")}
DEFAULT_FROM_EMAIL = env.get("EMAIL_FROM")
EMAIL_TIMEOUT = 20
# Mail settings of the sandbox's account; other accounts have a server of their own (`notifications.gateways.mail`).
EMAIL_BACKEND = "notifications.gateways.mailbox.MailboxBackend"

LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.Formatter", "format": LOG_LINE}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "bnpl": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        # The web server logs malformed requests, which may contain personal data, so its lines use our formatter too.
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}

# The name of the operator in the title of the back office, which serves all brands; if empty, that of the only brand, or none.
BACK_OFFICE_NAME = env.get("BACK_OFFICE_NAME")
# The values from which the first brand's row is made; after that, the row counts (`brands`).
BRAND = {
    "name": env.get("BRAND_NAME"),
    "legal_name": env.get("BRAND_LEGAL_NAME"),
    "brand_color": env.get("BRAND_COLOR"),
    "support_email": env.get("BRAND_SUPPORT_EMAIL"),
    "address": env.get("BRAND_ADDRESS"),
    "supervision": env.get("BRAND_SUPERVISION"),
}
