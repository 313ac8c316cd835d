/// What is done with a call, as its path says.
enum UpstreamMode: Hashable, Sendable {
    /// `/whole/…`: the whole answer at once.
    case whole
    /// `/stream/<milliseconds>/<words>/…`: so many words, with a pause before each but the first.
    case stream(pauseMilliseconds: Int64, words: Int)
    /// `/hung/…`: nothing, for ever.
    case hung
    /// `/report`: how many calls there were.
    case report
    /// `/report/<question>`: what became of one call.
    case reportOf(String)

    /// - Returns: `nil` for a path that means nothing.
    init?(path: String) {
        let parts = path.split(separator: "/")
        let isChat = path.hasSuffix("/v1/chat/completions")
        switch (parts.first, isChat) {
        case ("whole", true): self = .whole
        case ("hung", true): self = .hung
        case ("stream", true):
            guard parts.count > 2, let pause = Int64(parts[1]), let words = Int(parts[2]), pause >= 0, words > 0
            else { return nil }
            self = .stream(pauseMilliseconds: pause, words: words)
        case ("report", false): self = parts.count > 1 ? .reportOf(String(parts[1])) : .report
        default: return nil
        }
    }
}
