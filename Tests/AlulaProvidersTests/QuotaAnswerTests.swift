import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaProviders

/// What providers answer about quotas, and what is made of it.
struct QuotaAnswerTests {
    private static func read(_ format: QuotaEntry.Format, _ text: String) -> String {
        do throws(AttemptFailure) {
            let quota = try QuotaAnswerDecoder.decode(Array(text.utf8), as: format)
            let windows = quota.windows.map { window in
                "\(window.label) \(window.usedPercent)" + (window.resetAt.map { " \($0)" } ?? "")
            }
            return (windows + [quota.plan.map { "plan \($0)" }, quota.summary].compactMap(\.self))
                .joined(separator: " | ")
        } catch { return "failed: \(error.message)" }
    }

    private static let noObject = "failed: The provider's answer about its quota is no JSON object."
    private static let nothing = "failed: The provider's answer names no quota that is known here."
    private static let error = "failed: The provider answered with an error in place of its quota."

    @Test(arguments: [
        (
            #"{"five_hour":{"utilization":61.0,"resets_at":"2026-01-28T07:59:59.571404+00:00"},"seven_day":{"utilization":22.5,"resets_at":"2026-02-03T09:59:59Z"},"seven_day_opus":null,"seven_day_sonnet":{"utilization":3,"resets_at":null},"extra_usage":{"is_enabled":false,"utilization":null}}"#,
            "5h 61.0 2026-01-28T07:59:59Z | Week 22.5 2026-02-03T09:59:59Z | Sonnet 3.0"
        ),
        (#"{"five_hour":{"utilization":0.0,"resets_at":null}}"#, "5h 0.0"),
        (#"{"seven_day_opus":{"utilization":"12.345"},"iguana_necktie":{"utilization":9}}"#, "Opus 12.35"),
        (#"{"five_hour":{"utilization":180},"seven_day":{"utilization":-4}}"#, "5h 100.0 | Week 0.0"),
        (#"{"five_hour":{"utilization":1e400},"seven_day":{"utilization":1}}"#, "Week 1.0"),
        (
            #"{"seven_day":{"utilization":1},"extra_usage":{"is_enabled":true,"utilization":50.4,"used_credits":12}}"#,
            "Week 1.0 | Extra 50.4"
        ),
        (#"{"five_hour":{"utilization":null,"resets_at":"2026-01-28T07:59:59Z"}}"#, nothing),
        (#"{"five_hour":61,"seven_day":[],"extra_usage":"x"}"#, nothing), ("{}", nothing),
        (#"{"type":"error","error":{"type":"permission_error","message":"CANARY"}}"#, error),
    ])
    func readsTheWindowsOfClaude(text: String, expected: String) {
        #expect(Self.read(.anthropicAccount, text) == expected)
    }

    @Test(arguments: [
        (
            #"{"plan_type":"plus","rate_limit":{"allowed":true,"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_at":1780000000},"secondary_window":{"used_percent":34.5,"limit_window_seconds":604800,"reset_at":1780500000}},"credits":{"has_credits":true,"unlimited":false,"balance":"5.5"}}"#,
            "5h 12.0 2026-05-28T20:26:40Z | Week 34.5 2026-06-03T15:20:00Z | plan plus | 5.5 credits left"
        ),
        (
            #"{"plan_type":"free","rate_limit":{"primary_window":{"used_percent":"7","limit_window_seconds":"86400","reset_at":"1780000000"},"secondary_window":null},"credits":null}"#,
            "Day 7.0 2026-05-28T20:26:40Z | plan free"
        ),
        // Lengths and dates that are none, or in another unit.
        (
            #"{"rate_limit":{"primary_window":{"used_percent":1,"limit_window_seconds":0,"reset_at":0},"secondary_window":{"used_percent":2,"limit_window_seconds":-1,"reset_at":1780000000000}}}"#,
            "Primary 1.0 | Secondary 2.0"
        ),
        (
            #"{"rate_limit":{"primary_window":{"used_percent":1,"limit_window_seconds":1e300,"reset_at":-5},"secondary_window":{"used_percent":2,"limit_window_seconds":5400.4,"reset_at":9e18}}}"#,
            "Primary 1.0 | 2h 2.0"
        ),
        (
            #"{"rate_limit":{"primary_window":{"used_percent":1,"limit_window_seconds":900},"secondary_window":{"used_percent":2,"limit_window_seconds":2592000}}}"#,
            "15m 1.0 | 30d 2.0"
        ),
        (#"{"rate_limit":null,"credits":{"unlimited":true}}"#, "unlimited credits"),
        (#"{"plan_type":"team","credits":{"has_credits":false,"balance":"9"}}"#, "plan team"),
        (#"{"plan_type":"pro","credits":{"balance":"many"}}"#, "plan pro"),
        (#"{"plan_type":"pro","credits":{"has_credits":true,"balance":-3}}"#, "plan pro"),
        (#"{"plan_type":7,"rate_limit":[]}"#, nothing), (#"{"detail":"CANARY"}"#, nothing),
        (#"{"plan_type":"a\u0007b"}"#, nothing), (#"{"plan_type":"  "}"#, nothing),
        (#"{"error":"CANARY","plan_type":null}"#, error),
    ])
    func readsTheWindowsOfChatGPT(text: String, expected: String) {
        #expect(Self.read(.chatGPTAccount, text) == expected)
    }

    @Test(arguments: [
        (
            #"{"copilot_plan":"individual_pro","quota_reset_date":"2026-03-01","quota_reset_date_utc":"2026-03-01T00:00:00.000Z","quota_snapshots":{"chat":{"unlimited":true,"percent_remaining":100},"completions":{"unlimited":true},"premium_interactions":{"percent_remaining":33.3,"unlimited":false}}}"#,
            "Premium 66.7 2026-03-01T00:00:00Z | plan individual_pro"
        ),
        (
            #"{"quota_reset_date":"2026-02-30","quota_snapshots":{"premium_interactions":{"percent_remaining":"120"},"chat":{"percent_remaining":-20}}}"#,
            "Premium 0.0 | Chat 100.0"
        ),
        (
            #"{"copilot_plan":"individual","limited_user_quotas":{"chat":410,"completions":4000},"monthly_quotas":{"chat":500,"completions":4000},"limited_user_reset_date":"2026-02-11"}"#,
            "Chat 18.0 2026-02-11T00:00:00Z | Completions 0.0 2026-02-11T00:00:00Z | plan individual"
        ),
        (#"{"limited_user_quotas":{"chat":4},"monthly_quotas":{"chat":0}}"#, nothing),
        (#"{"quota_snapshots":{"premium_interactions":{"percent_remaining":null}}}"#, nothing),
        (#"{"quota_snapshots":[],"message":"CANARY"}"#, nothing),
        (#"{"copilot_plan":"business","quota_snapshots":{"chat":{"unlimited":true}}}"#, "plan business"),
    ])
    func readsWhatIsLeftOfCopilot(text: String, expected: String) {
        #expect(Self.read(.githubCopilot, text) == expected)
    }

    @Test(arguments: [
        (
            #"{"code":200,"msg":"ok","success":true,"data":{"level":"pro","limits":[{"type":"TIME_LIMIT","unit":5,"number":1,"usage":1000,"currentValue":250,"nextResetTime":1780500000000},{"type":"TOKENS_LIMIT","unit":3,"number":5,"percentage":4,"nextResetTime":1780000000000},{"type":"TOKENS_LIMIT","unit":6,"number":1,"percentage":"19"}]}}"#,
            "Monthly 25.0 2026-06-03T15:20:00Z | Tokens (5h) 4.0 2026-05-28T20:26:40Z | Tokens (Week) 19.0 | plan pro"
        ),
        (
            #"{"data":{"planName":"GLM Coding Max","limits":[{"type":"TOKENS_LIMIT","unit":9,"number":1,"percentage":1,"nextResetTime":"2026-06-03T15:20:00+08:00"},{"type":"FUTURE","percentage":2},{"type":"TOKENS_LIMIT","unit":3,"number":-5,"percentage":400},7]}}"#,
            "Tokens 1.0 2026-06-03T07:20:00Z | Tokens 100.0 | plan GLM Coding Max"
        ),
        (
            #"{"code":401,"msg":"token CANARY expired or incorrect","success":false}"#,
            "failed: The provider does not take the login any more (401)."
        ),
        (#"{"code":1001,"msg":"CANARY","success":false}"#, error), (#"{"success":false,"data":{"level":"x"}}"#, error),
        (#"{"code":200,"success":true,"data":{"limits":[]}}"#, nothing), (#"{"code":200,"data":null}"#, nothing),
        (#"{"code":200,"data":{"limits":{"type":"TIME_LIMIT"}}}"#, nothing),
        (#"{"data":{"limits":[{"type":"TIME_LIMIT","usage":0,"currentValue":5}]}}"#, nothing),
    ])
    func readsThePlanOfZai(text: String, expected: String) { #expect(Self.read(.zai, text) == expected) }

    @Test func namesNoMoreWindowsThanSomebodyReads() throws {
        let limit = #"{"type":"TOKENS_LIMIT","unit":3,"number":5,"percentage":4}"#
        let text = #"{"data":{"limits":[\#(Array(repeating: limit, count: 500).joined(separator: ","))]}}"#
        let quota = try QuotaAnswerDecoder.decode(Array(text.utf8), as: .zai)
        #expect(quota.windows.count == QuotaAnswerDecoder.maximumWindows)
    }

    @Test(arguments: QuotaEntry.Format.allCases)
    func rubbishIsToldInWordsOfOurs(format: QuotaEntry.Format) {
        for text in ["", "null", "[]", "\"CANARY\"", "<!DOCTYPE html><html>CANARY</html>", "{", "{\"a\":", "\u{0}"] {
            #expect(Self.read(format, text) == Self.noObject, "\(text)")
        }
        // Deep, wide and odd: it is an answer or a failure, never an end of the process.
        let deep = String(repeating: "[", count: 5000)
        #expect(Self.read(format, #"{"data":\#(deep)"#) == Self.noObject)
        for value in ["null", "true", "[]", "{}", "\"\"", "-1", "1e999", "[{}]", #"{"limits":[null,[],"x"]}"#] {
            let names = ["five_hour", "rate_limit", "credits", "quota_snapshots", "data", "code", "plan_type", "error"]
            let text = "{" + names.map { "\"\($0)\":\(value)" }.joined(separator: ",") + "}"
            #expect(Self.read(format, text).hasPrefix("failed: "), "\(text)")
        }
    }

    @Test(arguments: [
        ("2026-02-09T12:00:00.462679+00:00", "2026-02-09T12:00:00Z" as String?),
        ("2026-02-09T12:00:00-02:30", "2026-02-09T14:30:00Z"), ("2026-02-09 12:00Z", "2026-02-09T12:00:00Z"),
        (" 2026-02-09 ", "2026-02-09T00:00:00Z"), ("2026-02-09T12:00:00", "2026-02-09T12:00:00Z"),
        ("2026-02-09T24:00:00Z", nil), ("2026-02-09T12:00:00.Z", nil), ("2026-02-09T12:00:00ZZ", nil),
        ("2026-02-09T12", nil), ("2026-02-09T12:00:00+2", nil), ("2026-13-09", nil), ("1969-01-01", nil),
        ("9999-12-31T23:59:59Z", nil), ("2101-01-01", nil), ("tomorrow", nil), ("", nil), ("2026-02-09Tnoon", nil),
        ("2026-02-09T12:00:00Europe", nil),
    ])
    func readsDatesAsFarAsTheyAreSome(text: String, expected: String?) {
        #expect(QuotaFields.instant(.string(text))?.description == expected)
    }

    @Test func everyStatusHasWordsOfItsOwn() {
        for status in [100, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503] {
            let failure = QuotaAnswerDecoder.failure(status: status, retryAfter: .seconds(7))
            #expect(failure.message.contains("(\(status))"))
            #expect(failure.status == status && failure.retryAfter == .seconds(7))
            // No login rests for what was asked beside requests.
            if case .failure(let reason) = failure.judgement { #expect(!reason.restsLogin) }
        }
    }
}
