import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaPrimitives

extension QuotaAnswerDecoder {
    /// `{five_hour: {utilization, resets_at}?, seven_day?, seven_day_sonnet?, seven_day_opus?, extra_usage: {is_enabled,
    /// utilization}?}`: percents, and dates in ISO 8601.
    static func anthropicAccount(_ object: JSONObject) -> ProviderQuota {
        let names = [
            ("five_hour", "5h"), ("seven_day", "Week"), ("seven_day_sonnet", "Sonnet"), ("seven_day_opus", "Opus"),
        ]
        var windows = names.compactMap { name, label in
            QuotaFields.window(
                label, usedPercent: object[name]?["utilization"]?.amount,
                resetAt: QuotaFields.instant(object[name]?["resets_at"]))
        }
        // What is paid for by use once the rest is used up.
        if let extra = object["extra_usage"], extra["is_enabled"]?.bool == true,
            let window = QuotaFields.window("Extra", usedPercent: extra["utilization"]?.amount)
        {
            windows.append(window)
        }
        return ProviderQuota(windows: windows)
    }

    /// `{plan_type?, rate_limit: {primary_window: {used_percent, limit_window_seconds, reset_at}?, secondary_window?}?,
    /// credits: {has_credits, unlimited, balance}?}`: percents, and seconds since 1970.
    static func chatGPTAccount(_ object: JSONObject) -> ProviderQuota {
        let windows = [("primary_window", "Primary"), ("secondary_window", "Secondary")].compactMap { name, label in
            let window = object["rate_limit"]?[name]
            let length = window?["limit_window_seconds"]?.amount
            return QuotaFields.window(
                QuotaFields.label(seconds: length) ?? label,
                usedPercent: window?["used_percent"]?.amount,
                resetAt: QuotaFields.instant(window?["reset_at"], unit: 1000))
        }
        return ProviderQuota(
            windows: windows, plan: QuotaFields.text(object["plan_type"]), summary: object["credits"].flatMap(credits))
    }

    private static func credits(_ credits: JSONValue) -> String? {
        if credits["unlimited"]?.bool == true { return "unlimited credits" }
        guard credits["has_credits"]?.bool != false, let balance = credits["balance"]?.amount,
            (0..<1e12).contains(balance)
        else { return nil }
        return "\(JSONNumber((balance * 100).rounded() / 100).text) credits left"
    }

    /// `{copilot_plan?, quota_reset_date_utc?, quota_reset_date?, quota_snapshots: {premium_interactions:
    /// {percent_remaining, unlimited}?, chat?, completions?}?}`; for accounts that pay nothing `{limited_user_quotas: {chat,
    /// completions}, monthly_quotas, limited_user_reset_date}`, in requests.
    static func githubCopilot(_ object: JSONObject) -> ProviderQuota {
        let names = [("premium_interactions", "Premium"), ("chat", "Chat"), ("completions", "Completions")]
        let paidReset =
            QuotaFields.instant(object["quota_reset_date_utc"]) ?? QuotaFields.instant(object["quota_reset_date"])
        let freeReset = QuotaFields.instant(object["limited_user_reset_date"])
        let windows = names.compactMap { name, label -> ProviderQuota.Window? in
            if let snapshot = object["quota_snapshots"]?[name] {
                guard snapshot["unlimited"]?.bool != true else { return nil }
                return QuotaFields.window(
                    label, usedPercent: snapshot["percent_remaining"]?.amount.map { 100 - $0 },
                    resetAt: paidReset)
            }
            guard let left = object["limited_user_quotas"]?[name]?.amount,
                let all = object["monthly_quotas"]?[name]?.amount, all > 0
            else { return nil }
            return QuotaFields.window(label, usedPercent: 100 - left / all * 100, resetAt: freeReset)
        }
        return ProviderQuota(windows: windows, plan: QuotaFields.text(object["copilot_plan"]))
    }

    /// `{success, code, data: {planName?, level?, limits: [{type, unit, number, percentage?, usage?, currentValue?,
    /// nextResetTime?}]}}`: percents, and milliseconds since 1970. Refusals come with the status of success.
    ///
    /// - Throws: ``AttemptFailure`` for an answer that says that something failed.
    static func zai(_ object: JSONObject) throws(AttemptFailure) -> ProviderQuota {
        let code = object["code"]?.integer
        guard object["success"]?.bool != false, code ?? 200 == 200 else {
            guard let code, (300...599).contains(code) else {
                throw failure("The provider answered with an error in place of its quota.")
            }
            throw failure(status: Int(code))
        }
        let data = object["data"]
        let windows = (data?["limits"]?.array ?? []).prefix(maximumWindows).compactMap {
            limit -> ProviderQuota.Window? in
            guard let label = zaiLabel(of: limit) else { return nil }
            var percent = limit["percentage"]?.amount
            if percent == nil, let used = limit["currentValue"]?.amount,
                let all = limit["usage"]?.amount, all > 0
            {
                percent = used / all * 100
            }
            return QuotaFields.window(
                label, usedPercent: percent,
                resetAt: QuotaFields.instant(limit["nextResetTime"], unit: 1)
                    ?? QuotaFields.instant(limit["nextResetTime"]))
        }
        return ProviderQuota(
            windows: windows,
            plan: QuotaFields.text(data?["planName"]) ?? QuotaFields.text(data?["plan"])
                ?? QuotaFields.text(data?["level"]))
    }

    /// Its clients agree on what two of the units are.
    private static func zaiLabel(of limit: JSONValue) -> String? {
        switch limit["type"]?.string {
        // Calls of tools.
        case "TIME_LIMIT": return "Monthly"
        case "TOKENS_LIMIT":
            guard let count = limit["number"]?.integer, (1...1000).contains(count) else { return "Tokens" }
            switch limit["unit"]?.integer {
            case 3: return "Tokens (\(count)h)"
            case 6: return count == 1 ? "Tokens (Week)" : "Tokens (\(count) weeks)"
            default: return "Tokens"
            }
        default: return nil
        }
    }
}
