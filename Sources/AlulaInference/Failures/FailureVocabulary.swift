import AlulaAuth

/// The words by which providers say what went wrong. Data; ``FailureClassifier`` says when each counts.
enum FailureVocabulary {
    static let sessionExpired: TextRule = .anyOf(
        "session expired", "session has expired", "session not found", "session does not exist", "invalid session id",
        "no conversation found", "conversation not found")

    static let modelNotFound: TextRule = .any([
        .anyOf(
            "unknown model", "model not found", "model_not_found", "no endpoints found", "not a valid model id",
            "invalid model"),
        .all([.holds("model"), .holds("does not exist")]),
        .all([.holds("deprecated"), .holds("upgrade to")]),
    ])

    /// Words of limits that pass within a minute or a day; a request that met one is not too long in itself.
    private static let tokenRate: TextRule = .any([
        .word("tpm"), .anyOf("tokens per minute", "tokens per day"),
    ])

    static let contextOverflow: TextRule = .all([
        .not(tokenRate),
        .any([
            .anyOf(
                "request_too_large", "context length exceeded", "context_length_exceeded", "maximum context length",
                "prompt is too long", "context_window_exceeded", "context window exceeded",
                "exceeds the available context size", "exceeds the context window", "exceeds the context length",
                "exceeded max context length"),
            .all([.holds("input"), .holds("exceed"), .holds("tokens")]),
            .all([.holds("413"), .holds("too large")]),
        ]),
    ])

    static let refusedInput: TextRule = .all([
        .holds("image"),
        .any([
            .anyOf("image too large", "image is too large", "image dimensions exceed", "image size exceed"),
            .all([.holds("exceeds"), .anyOf("maximum", "max allowed size", "mb")]),
        ]),
    ])

    static let keyLimit: TextRule = .holds("key limit exceeded")

    static let periodicLimit: TextRule = .all([
        .anyOf("daily", "weekly", "monthly", "per day", "per week", "per month"),
        .anyOf("limit", "quota", "allowance"),
    ])

    static let rateLimit: TextRule = .any([
        .anyOf(
            "rate limit", "rate_limit", "ratelimit", "too many requests", "too many concurrent requests", "throttl",
            "model_cooldown", "exceeded your current quota", "quota exceeded", "resource exhausted",
            "resource_exhausted", "resource has been exhausted", "usage limit", "concurrency limit"),
        .word("429"),
        tokenRate,
    ])

    /// When an account's allowance is counted anew: then a payment is not what is missing.
    static let limitThatPasses: TextRule = .any([
        rateLimit,
        .all([
            .any([periodicLimit, .anyOf("organization limit", "organisation limit", "quota will", "quota window")]),
            .anyOf("retry", "try again", "reset", "refresh", "renew"),
        ]),
    ])

    static let overloaded: TextRule = .any([
        .anyOf("overloaded", "high demand", "modelnotreadyexception"),
        .all([.holds("service unavailable"), .anyOf("overload", "capacity")]),
    ])

    static let billing: TextRule = .all([
        .isShort(512),
        .any([
            .anyOf(
                "payment required", "insufficient credit", "insufficient quota", "insufficient_quota",
                "insufficient balance", "credit balance", "plans & billing", "more credits", "extra usage",
                "http 402", "status 402", "code 402", "billing"),
            .all([.word("1311"), .anyOf("code", "error")]),
        ]),
    ])

    static let authPermanent: TextRule = .any([
        .all([
            .anyOf("api key", "api_key", "apikey", "this key", "your key", "token has been"),
            .anyOf("revoked", "disabled", "deleted", "deactivated"),
        ]),
        .all([.holds("account"), .anyOf("deactivated", "has been disabled", "has been suspended", "is suspended")]),
        .holds("not allowed for this organization"),
    ])

    static let auth: TextRule = .any([
        .anyOf(
            "invalid api key", "api key not valid", "incorrect api key", "invalid_api_key", "invalid x-api-key",
            "invalid token",
            "authentication", "unauthorized", "forbidden", "access denied", "permission", "missing scope",
            "no credentials found", "no api key found", "oauth refresh failed", "token refresh failed"),
        .all([.anyOf("token", "key", "credential", "login", "session"), .word("expired")]),
        .word("401"), .word("403"),
        .all([.word("1113"), .anyOf("code", "error")]),
    ])

    /// What routers and vendors say when something behind them failed and they don't know what.
    static let vagueServerError: TextRule = .any([
        .all([.isShort(200), .anyOf("an unknown error occurred", "provider returned error", "unknown error")]),
        .anyOf("internal server error", "internal_error", "server_error", "server error", "bad gateway"),
        .all([.holds("api_error"), .holds("internal")]),
    ])

    static let format: TextRule = .any([
        .anyOf("invalid request format", "tool_use_id", "tool_call_id", "tool_use ids"),
        .all([.holds("tool_use"), .anyOf("pattern", "without", "unexpected")]),
    ])

    static let timeout: TextRule = .any([
        .anyOf(
            "timeout", "timed out", "deadline exceeded", "connection error", "network error", "fetch failed",
            "socket hang up", "reason: abort", "reason: error", "malformed_response", "network_error",
            "operation aborted", "operation was aborted", "stream closed"),
        .any(codes.filter { $0.reason == .timeout }.map { .holds($0.pattern.lowercased()) }),
    ])

    static let providerLimits: TextRule = .holds("workers_ai quota")

    static let modelGone: TextRule = .all([.holds("model"), .anyOf("is deactivated", "has been deactivated")])

    /// What a text says when no status does; the first rule that matches counts.
    static let messageRules: [(rule: TextRule, judgement: FailureJudgement)] = [
        (refusedInput, .refusedInput),
        (sessionExpired, .failure(.sessionExpired)),
        (modelNotFound, .failure(.modelNotFound)),
        (modelGone, .failure(.modelNotFound)),
        (contextOverflow, .contextOverflow),
        (keyLimit, .failure(.billing)),
        (.all([periodicLimit, billing]), .failure(.billing)),
        (periodicLimit, .failure(.rateLimit)),
        (rateLimit, .failure(.rateLimit)),
        (overloaded, .failure(.overloaded)),
        (billing, .failure(.billing)),
        (authPermanent, .failure(.authPermanent)),
        (auth, .failure(.auth)),
        (vagueServerError, .failure(.timeout)),
        (format, .failure(.format)),
        (timeout, .failure(.timeout)),
        (providerLimits, .failure(.rateLimit)),
    ]

    /// Symbolic codes; a star at the end stands for anything.
    static let codes: [(pattern: String, reason: FailureReason)] = [
        ("RESOURCE_EXHAUSTED", .rateLimit), ("RATE_LIMIT*", .rateLimit), ("TOO_MANY_REQUESTS", .rateLimit),
        ("THROTTL*", .rateLimit),
        ("OVERLOADED", .overloaded), ("OVERLOADED_ERROR", .overloaded),
        ("ETIMEDOUT", .timeout), ("ESOCKETTIMEDOUT", .timeout), ("ECONNRESET", .timeout), ("ECONNABORTED", .timeout),
        ("ECONNREFUSED", .timeout), ("ENETUNREACH", .timeout), ("EHOSTUNREACH", .timeout), ("EHOSTDOWN", .timeout),
        ("ENETRESET", .timeout), ("EPIPE", .timeout), ("EAI_AGAIN", .timeout),
    ]
}
