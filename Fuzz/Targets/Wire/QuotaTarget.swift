import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProviders

extension FuzzTarget {
    /// What providers say of quotas: bounded, within what a percent and a date can be, and without the login that they were
    /// shown. The first byte chooses the provider.
    static let quotas = FuzzTarget("quotas") { input in
        var input = input
        let format = input.choice(QuotaEntry.Format.allCases)
        let bytes = input.bytes.planting(Canary.text)
        let login = OpenedLogin(secret: Secret(Canary.text))
        let quota: ProviderQuota
        do throws(AttemptFailure) {
            quota = try QuotaAnswerDecoder.decode(bytes, as: format, hiding: [login])
        } catch {
            try require(error.message.utf8.count <= 200, "a failure is endless")
            return try Canary.check(error.message, "a failure")
        }
        try require(quota != ProviderQuota(), "an answer says nothing")
        try require(quota.windows.count <= 16, "an account has \(quota.windows.count) windows")
        for window in quota.windows {
            try require((0...100).contains(window.usedPercent), "\(window.usedPercent) percent are used")
            try require((1...20).contains(window.label.utf8.count), "a window is called \(window.label)")
            try Canary.check(window.label, "the name of a window")
            if let reset = window.resetAt {
                try require((2020..<2100).contains(reset.utc.year), "a window ends \(reset)")
            }
        }
        for text in [quota.plan, quota.summary].compactMap(\.self) {
            try require((1...120).contains(text.utf8.count), "a text is endless, or none")
            try Canary.check(text, "a text")
        }
    }
}
