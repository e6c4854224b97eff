"""The words of signing in and of one's own account, Chinese first; part of ``hub.web.pages.texts``."""

from __future__ import annotations

ACCOUNT_TEXTS: dict[str, tuple[str, str]] = {
    "sign_in": ("登录", "Sign in"),
    "token": ("访问令牌", "Access token"),
    "token_hint": ("由数据管理部门发放，以 yb_ 开头。", "Given by the data bureau; it begins with yb_."),
    "user_name": ("用户名", "Name"),
    "password": ("密码", "Password"),
    "sign_in_token": ("用访问令牌登录", "Sign in by a token"),
    "token_wrong": ("这个令牌无效、已过期或已被收回。", "This token is unknown, past its time, or was taken back."),
    "sign_in_instead": ("换一个人登录？", "Sign in as somebody else?"),
    "sign_in_instead_of": (
        "您现在以“{before}”登录。这个链接会改为以“{name}”登录，之后所做的都记在“{name}”名下。不是您自己要换的，请留在原来的登录。",
        "You are signed in as {before}. This link would sign you in as {name}, and all that you do then stands under {name}. If that is not "
        "what you want, stay as you are.",
    ),
    "sign_in_as": ("以“{name}”登录", "Sign in as {name}"),
    "stay_signed_in": ("留在“{before}”", "Stay {before}"),
    "own_account": ("我的账号", "My account"),
    "signed_in_last": ("本次登录", "This sign-in"),
    "signed_in_before": ("上次登录", "The one before"),
    "sign_in_failed": ("最近一次登录失败", "Last refused"),
    "sign_ins_hint": ("如果上次登录或失败的登录不是您本人，请马上修改密码，并告诉数据管理部门。",
                      "If it was not you who signed in before or was refused, change the password now and tell the data bureau."),
    "password_change": ("修改密码", "Change the password"),
    "password_changed": ("密码已修改，其他地方的登录已结束。", "The password was changed; you are signed out everywhere else."),
    "password_old": ("原密码", "Old password"),
    "password_new": ("新密码", "New password"),
    "password_again": ("再输一次新密码", "The new password once more"),
    "password_hint": ("至少 10 个字符，不能包含用户名。", "At least 10 characters, without the user's name."),
    "account_none": ("您是用访问令牌或手机链接登录的，这里没有密码可改。手机链接的 PIN 忘了或要换，请乡镇重新发一个链接；令牌由数据管理部门收回或重发。",
                     "You have signed in by a token or by a link on the phone, and there is no password to change here. For another PIN ask the "
                     "township for a new link; tokens are taken back and given anew by the data bureau."),
}  # fmt: skip
