import AlulaModels
import AlulaPrimitives

/// What a server of `openai-completions` does differently: as its configuration says, else as its address suggests.
struct ChatQuirks: Hashable, Sendable {
    /// OpenAI itself.
    var isOpenAI = false
    var compatibility = ModelCompatibility()

    init(isOpenAI: Bool = false, compatibility: ModelCompatibility = ModelCompatibility()) {
        self.isOpenAI = isOpenAI
        self.compatibility = compatibility
    }

    /// - Parameter base: Where the server is reached.
    init(base: String, _ compatibility: ModelCompatibility?) {
        let rest = base.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        isOpenAI = rest.prefix { $0 != ":" }.lowercased() == "api.openai.com"
        self.compatibility = compatibility ?? ModelCompatibility()
    }

    var knowsDevelopers: Bool { compatibility.supportsDeveloperRole ?? isOpenAI }

    /// The member that bounds an answer.
    var limitMember: String {
        (compatibility.limitMember ?? (isOpenAI ? .maximumCompletionTokens : .maximumTokens)).rawValue
    }

    // MARK: Thinking

    /// Efforts from the least to the greatest, as callers say them; `none` is the absence of one.
    private static let efforts = ["minimal", "low", "medium", "high", "xhigh"]

    /// The server's word for an effort; `nil` when it is not to be told.
    func effort(_ wanted: String) -> String? {
        if compatibility.supportsReasoningEffort == false { return nil }
        // The greatest effort has another word in Anthropic's dialect.
        let wanted = wanted == "max" ? "xhigh" : wanted
        if let word = compatibility.reasoningEffortWords[wanted] { return word }
        let known = compatibility.reasoningEfforts
        guard !known.isEmpty, !known.contains(wanted), let place = Self.efforts.firstIndex(of: wanted) else {
            return wanted
        }
        // The effort is a wish: the next smaller one that is known, else the least.
        return Self.efforts[..<place].last(where: known.contains) ?? known.first
    }

    // MARK: Names of calls

    /// An id of a call as the server takes it. The same id comes out the same, so that results find their calls.
    func callID(_ id: String) -> String {
        guard compatibility.requiresMistralToolIDs == true, !Self.isShortID(id) else { return id }
        // FNV-1a; two calls of one conversation that meet in 53 bits have been seen nowhere.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var text: [UInt8] = []
        for _ in 0..<Self.idLength {
            text.append(Self.idDigits[Int(hash % UInt64(Self.idDigits.count))])
            hash /= UInt64(Self.idDigits.count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let idLength = 9
    private static let idDigits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func isShortID(_ id: String) -> Bool {
        id.utf8.count == idLength && id.utf8.allSatisfy(idDigits.contains)
    }
}
