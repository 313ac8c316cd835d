import AlulaAuth

/// Judges a failed call by what the provider said: the status first, then the symbolic code, then the words.
package enum FailureClassifier {
    /// Of a longer message only this much is looked at, in bytes.
    static let maximumMessageBytes = 4096

    /// - Returns: What the failure means; ``FailureReason/unclassified`` when nothing is known of what was said, and
    ///   ``FailureReason/noErrorDetails`` when nothing was said.
    package static func judge(_ report: FailureReport) -> FailureJudgement {
        let text = String(decoding: report.message.utf8.prefix(maximumMessageBytes), as: UTF8.self).lowercased()
        if let status = report.status ?? leadingStatus(of: text), let judgement = byStatus(status, text: text) {
            return judgement
        }
        if let code = report.code, let reason = byCode(code) { return .failure(reason) }
        if let judgement = byMessage(text) { return judgement }
        if let code = report.code?.lowercased(), let judgement = byMessage(code) { return judgement }
        return .failure(text.isEmpty && report.code == nil ? .noErrorDetails : .unclassified)
    }

    /// What the words alone say.
    private static func byMessage(_ text: String) -> FailureJudgement? {
        FailureVocabulary.messageRules.first { $0.rule.matches(text) }?.judgement
    }

    private static func byCode(_ code: String) -> FailureReason? {
        let code = code.uppercased()
        return FailureVocabulary.codes.first { entry in
            entry.pattern.hasSuffix("*") ? code.hasPrefix(entry.pattern.dropLast()) : code == entry.pattern
        }?.reason
    }

    /// - Returns: `nil` when the status says nothing by itself.
    private static func byStatus(_ status: Int, text: String) -> FailureJudgement? {
        switch status {
        case 400, 422: byMessage(text) ?? .failure(.format)
        case 401, 403: refusal(text)
        case 402: .failure(FailureVocabulary.limitThatPasses.matches(text) ? .rateLimit : .billing)
        case 404: gone(text, mayOverflow: true) ?? .failure(.modelNotFound)
        case 408: .failure(.timeout)
        case 410: gone(text, mayOverflow: false) ?? .failure(.timeout)
        case 413: FailureVocabulary.rateLimit.matches(text) ? .failure(.rateLimit) : tooLarge(text)
        case 429: .failure(.rateLimit)
        case 499, 503: .failure(FailureVocabulary.overloaded.matches(text) ? .overloaded : .timeout)
        case 529: .failure(.overloaded)
        case 500...599: .failure(.timeout)
        default: nil
        }
    }

    /// 401 and 403.
    private static func refusal(_ text: String) -> FailureJudgement {
        if FailureVocabulary.authPermanent.matches(text) { return .failure(.authPermanent) }
        return .failure(FailureVocabulary.billing.matches(text) ? .billing : .auth)
    }

    /// 404 and 410.
    private static func gone(_ text: String, mayOverflow: Bool) -> FailureJudgement? {
        if mayOverflow, FailureVocabulary.contextOverflow.matches(text) { return .contextOverflow }
        if FailureVocabulary.sessionExpired.matches(text) { return .failure(.sessionExpired) }
        if FailureVocabulary.billing.matches(text) { return .failure(.billing) }
        return FailureVocabulary.auth.matches(text) ? .failure(.auth) : nil
    }

    /// 413 that no limit of tokens per time explains.
    private static func tooLarge(_ text: String) -> FailureJudgement {
        FailureVocabulary.refusedInput.matches(text) ? .refusedInput : .contextOverflow
    }

    /// The status that programs in between put before a message: `503 upstream connect error`.
    private static func leadingStatus(of text: String) -> Int? {
        let words = text.drop { $0 == " " }
        let start = words.hasPrefix("http ") ? words.dropFirst(5) : words
        let digits = start.prefix { $0.isASCII && $0.isNumber }
        guard digits.count == 3, let status = Int(digits), (400...599).contains(status) else { return nil }
        if let after = start.dropFirst(3).first, after.isLetter { return nil }
        return status
    }
}
