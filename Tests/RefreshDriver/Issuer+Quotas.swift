import NIOHTTP1

extension Issuer {
    /// What a login whose secret begins with `CANARY-` or `fake.` is told of its quota, in each provider's own format.
    ///
    /// - Returns: `nil` for a path that is none of a quota.
    static func quota(_ path: String, _ headers: HTTPHeaders) -> (status: Int, text: String)? {
        let words = (headers.first(name: "authorization") ?? "").split(separator: " ").map(String.init)
        let (scheme, secret) = (words.first ?? "", words.last ?? "")
        let refusal = (401, #"{"error":{"message":"\#(secret) is not known"}}"#)
        guard words.count == 2, secret.hasPrefix("CANARY-") || secret.hasPrefix("fake.") else { return nil }
        switch path {
        case "/backend-api/wham/usage":
            guard scheme == "Bearer", headers.first(name: "chatgpt-account-id") == "acct-1" else { return refusal }
            return (
                200,
                #"{"plan_type":"plus","rate_limit":{"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_at":4000000000},"secondary_window":{"used_percent":95.5,"limit_window_seconds":604800}},"credits":{"has_credits":true,"balance":"5.5"}}"#
            )
        case "/api/oauth/usage":
            // It repeats what it was shown.
            return (403, #"{"type":"error","error":{"message":"\#(secret) lacks user:profile"}}"#)
        case "/copilot_internal/user":
            guard scheme == "token" else { return refusal }
            return (
                200,
                #"{"copilot_plan":"of \#(secret)","quota_snapshots":{"premium_interactions":{"percent_remaining":40}}}"#
            )
        case "/api/monitor/usage/quota/limit":
            return (200, #"{"code":401,"msg":"\#(secret) is wrong","success":false}"#)
        default: return nil
        }
    }
}
