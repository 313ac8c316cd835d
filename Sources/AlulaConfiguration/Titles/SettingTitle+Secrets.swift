extension SettingTitle {
    /// `auth`.
    static let logins: [Line] = [
        Line("auth", "Logins", "What is known about logins that are stored elsewhere."),
        Line("auth.profiles", "Profiles", "The logins by id."),
        Line("auth.profiles.*", "Profile", "One login."),
        Line("auth.profiles.*.provider", "Provider", "The provider that it opens."),
        Line("auth.profiles.*.mode", "Kind", "What kind of login it is."),
        Line("auth.profiles.*.email", "E-mail", "The account's address, for people."),
        Line("auth.profiles.*.displayName", "Name", "The name that people see."),
        Line(
            "auth.profiles.*.{key,keyRef,token,tokenRef,access,refresh,apiKey}", "Misplaced credential",
            "A credential here is not used; keep it in the credential store.", isAdvanced: true),
        Line("auth.order", "Order", "Which logins are tried, first to last."),
        Line("auth.order.*", "Provider", "The ids of the profiles for one provider; an empty list uses none."),
        Line("auth.cooldowns", "Pauses", "How long a login rests after a failure.", isAdvanced: true),
        Line(
            "auth.cooldowns.billingBackoffHours", "Billing pause",
            "The first pause after a billing failure, in hours; it doubles each time.", isAdvanced: true),
        Line(
            "auth.cooldowns.billingBackoffHoursByProvider", "Billing pause by provider",
            "Another first pause for single providers.", isAdvanced: true),
        Line("auth.cooldowns.billingBackoffHoursByProvider.*", "Provider", "The pause in hours.", isAdvanced: true),
        Line(
            "auth.cooldowns.billingMaxHours", "Longest billing pause",
            "The longest pause after billing failures, in hours.", isAdvanced: true),
        Line(
            "auth.cooldowns.authPermanentBackoffMinutes", "Refusal pause",
            "The first pause after a refused login, in minutes; it doubles each time.", isAdvanced: true),
        Line(
            "auth.cooldowns.authPermanentMaxMinutes", "Longest refusal pause",
            "The longest pause after refused logins, in minutes.", isAdvanced: true),
        Line(
            "auth.cooldowns.failureWindowHours", "Failure window",
            "Failures further apart than this many hours don't count together.", isAdvanced: true),
        Line(
            "auth.cooldowns.overloadedProfileRotations", "Tries when overloaded",
            "How many other logins are tried when a provider is overloaded.", isAdvanced: true),
        Line(
            "auth.cooldowns.overloadedBackoffMs", "Pause when overloaded",
            "The pause before such a try, in milliseconds.", isAdvanced: true),
        Line(
            "auth.cooldowns.rateLimitedProfileRotations", "Tries at a rate limit",
            "How many other logins are tried after a rate limit.", isAdvanced: true),
    ]

    /// `secrets`.
    static let secrets: [Line] = [
        Line("secrets", "Secrets", "Where references find their secrets."),
        Line("secrets.defaults", "Defaults", "The provider that a reference without one means, by source."),
        Line("secrets.defaults.{env,file,exec,store}", "Provider", "The alias of the provider for this source."),
        Line("secrets.providers", "Providers", "Providers of secrets by alias."),
        Line("secrets.providers.*", "Provider", "One provider of secrets."),
        Line("secrets.providers.*.source", "Source", "Where it takes secrets from."),
        Line(
            "secrets.providers.*.allowlist", "Allowed variables",
            "The only variables that are handed out, with the source `env`; without it any."),
        Line("secrets.providers.*.path", "File", "The file with the secrets; the source `file` needs it."),
        Line("secrets.providers.*.mode", "Content", "Whether the file is a JSON document or one secret."),
        Line(
            "secrets.providers.*.timeoutMs", "Time limit", "How many milliseconds an answer may take.",
            isAdvanced: true),
        Line("secrets.providers.*.maxBytes", "Largest file", "How many bytes the file may have.", isAdvanced: true),
        Line("secrets.providers.*.command", "Program", "The absolute path of the program; the source `exec` needs it."),
        Line("secrets.providers.*.args", "Arguments", "What follows the program's name."),
        Line(
            "secrets.providers.*.noOutputTimeoutMs", "Silence",
            "How many milliseconds the program may say nothing; without it as `timeoutMs`.", isAdvanced: true),
        Line(
            "secrets.providers.*.maxOutputBytes", "Largest output", "How many bytes the program may write.",
            isAdvanced: true),
        Line(
            "secrets.providers.*.jsonOnly", "JSON only",
            "Refuses plain output; otherwise it answers a question for one id.", isAdvanced: true),
        Line("secrets.providers.*.env", "Variables", "Variables that the program is started with."),
        Line("secrets.providers.*.env.*", "Variable", "The value of one variable."),
        Line(
            "secrets.providers.*.passEnv", "Passed variables",
            "The gateway's own variables that the program may see; no others are passed."),
        Line(
            "secrets.providers.*.trustedDirs", "Trusted directories", "Where the program may lie; without it anywhere.",
            isAdvanced: true),
        Line(
            "secrets.providers.*.allowInsecurePath", "Allow an insecure path",
            "Starts the program even if others may write to it.", isAdvanced: true),
        Line(
            "secrets.providers.*.allowSymlinkCommand", "Allow a symbolic link",
            "Starts the program through a symbolic link.", isAdvanced: true),
        Line("secrets.resolution", "Limits", "How many secrets are asked for at once.", isAdvanced: true),
        Line(
            "secrets.resolution.maxProviderConcurrency", "Providers at once",
            "How many programs and files are asked at once.", isAdvanced: true),
        Line(
            "secrets.resolution.maxRefsPerProvider", "References per provider",
            "How many references one provider may be asked for.", isAdvanced: true),
        Line(
            "secrets.resolution.maxBatchBytes", "Largest question",
            "How many bytes one question to a program may have.",
            isAdvanced: true),
    ]

    /// `env` and `meta`.
    static let rest: [Line] = [
        Line("env", "Variables", "Variables that stand in where the environment has none."),
        Line("env.*", "Variable", "The literal value of one variable."),
        Line("env.vars", "Variables", "Variables by name."),
        Line("env.vars.*", "Variable", "The literal value of one variable."),
        Line("env.shellEnv", "Login shell", "Variables from a login shell.", isAdvanced: true),
        Line(
            "env.shellEnv.enabled", "Enabled", "Takes missing variables from a login shell.", isAdvanced: true),
        Line(
            "env.shellEnv.timeoutMs", "Time limit", "How many milliseconds the shell may take.", isAdvanced: true),
        Line("meta", "About this file", "Who wrote the file last.", isAdvanced: true),
        Line(
            "meta.lastTouchedVersion", "Version",
            "The release that wrote the file last; it decides how old spellings are read.",
            isAdvanced: true),
        Line("meta.lastTouchedAt", "Time", "When the file was written last.", isAdvanced: true),
    ]
}
