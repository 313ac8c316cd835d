@testable import AlulaJSON

/// Writes JSON5 the way people do, and worse; the same seed always writes the same.
struct DocumentWriter {
    private var random: Generator

    init(seed: UInt64) { random = Generator(state: seed &* 2 &+ 1) }

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    mutating func makeDocument() -> String {
        (chance(10) ? "\u{FEFF}" : "") + trivia() + object(depth: 0) + trivia()
    }

    /// A place in or beside what `root` holds, and what should stand there: `nil` for nothing.
    mutating func makeEdit(of root: JSON5Node) -> (ConfigurationPath, JSONValue?) {
        var node = root
        var components: [ConfigurationPath.Component] = []
        while true {
            if case .array(let elements) = node.kind {
                let index = Int.random(in: 0...elements.count, using: &random)
                components.append(.index(index))
                guard index < elements.count else { return (ConfigurationPath(components), value(depth: 2)) }
                node = elements[index]
            } else if let members = node.members {
                guard let member = members.randomElement(using: &random), !chance(30) else {
                    components.append(.key("new\(pick(["", "-er", " key", "0"]))"))
                    if chance(30) { components.append(.key("deep")) }
                    return (ConfigurationPath(components), chance(20) ? nil : value(depth: 2))
                }
                components.append(.key(member.key))
                guard let last = node.member(member.key) else { break }
                node = last.value
            } else {
                break
            }
            if chance(35) { break }
        }
        return (ConfigurationPath(components), chance(30) ? nil : value(depth: 2))
    }

    // MARK: Values

    private mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &random) {
        case 0: .null
        case 1: .bool(chance(50))
        case 2: .number(Int.random(in: -5...70000, using: &random))
        case 3: .number(Double.random(in: -1...1, using: &random))
        case 4: .string(pick(["", "x", "it's", "\"q\"", "a\\b", "zwölf ☃", "// no comment", "${NAME}", "\n"]))
        case 5:
            .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth + 1) })
        default:
            .object(
                JSONObject(
                    (0..<Int.random(in: 0..<4, using: &random)).map { ("k\($0)", value(depth: depth + 1)) }))
        }
    }

    private mutating func object(depth: Int) -> String {
        let count = Int.random(in: 0..<(depth == 0 ? 7 : 5), using: &random)
        let keys = ["a", "b", "'a'", "\"b c\"", "$x", "_y", "'it\\'s'", "\"\\u0041\"", "port", "zwölf", "\"d.e\""]
        return enclosed("{", "}", count) { writer in
            writer.pick(keys) + writer.gap() + ":" + writer.gap() + writer.text(depth: depth + 1)
        }
    }

    private mutating func text(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &random) {
        case 0: pick(["null", "true", "false", "Infinity", "-NaN"])
        case 1: pick(["0", "1.", ".5", "+7", "0xFF", "-0", "1e3", "1E-2", "18789", "1.50", "123456789012345678901"])
        case 2, 3: pick(["''", "\"x\"", "'q\"'", "\"// no\"", "'a\\\nb'", "'\\x41'", "\"\\u00e9\"", "'{'", "\"${A}\""])
        case 4:
            enclosed("[", "]", Int.random(in: 0..<4, using: &random)) { $0.text(depth: depth + 1) }
        default: object(depth: depth)
        }
    }

    private mutating func enclosed(
        _ opening: String, _ closing: String, _ count: Int, item: (inout DocumentWriter) -> String
    ) -> String {
        let isMultiline = chance(60)
        let between = isMultiline ? pick(["\n  ", "\r\n\t", "\n      "]) : pick(["", " "])
        var result = opening
        for index in 0..<count {
            result += between + (chance(20) ? trivia() : "") + item(&self) + (chance(20) ? trivia() : "")
            if index < count - 1 || chance(30) { result += "," }
            if chance(15) { result += trivia() }
        }
        return result + (isMultiline ? "\n" : "") + (chance(10) ? trivia() : "") + closing
    }

    private mutating func gap() -> String { chance(10) ? trivia() : pick(["", " ", " "]) }

    private mutating func trivia() -> String {
        pick([
            "", " ", "\n", "\r\n", "\t", "/* b */", " // line, {\n", "\n  // own: 'line'\n", "/* , */ ", "\u{A0}",
            "/**/", "// u\u{2028}", "\n\n",
        ])
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}
