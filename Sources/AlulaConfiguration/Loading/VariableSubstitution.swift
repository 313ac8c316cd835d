import AlulaJSON
import AlulaPrimitives

/// Puts the values of environment variables into texts.
///
/// `${NAME}` is replaced when the variable is set and not empty; `$${NAME}` stands for the text `${NAME}`. In the place
/// of a secret a text that is one whole reference stays as it is, since it points at the secret instead of holding it.
struct VariableSubstitution {
    /// Longer names are no references, so that a text of a million `${A` costs no more than one pass.
    private static let maximumNameLength = 256

    private let variables: (String) -> String?
    private let problems: ProblemCollector
    private var path: [ConfigurationPath.Component] = []

    /// - Parameter variables: A variable's value; `nil` when it is not set, or empty.
    init(variables: @escaping (String) -> String?, problems: ProblemCollector) {
        self.variables = variables
        self.problems = problems
    }

    /// The same tree with values in the place of references.
    mutating func apply(to node: ConfigurationNode) -> ConfigurationNode {
        var result = node
        switch node.kind {
        case .null, .bool, .number:
            break
        case .string(let text, _):
            if text.utf8.contains(UInt8(ascii: "$")), let replaced = replace(in: text, place: node.place) {
                result.kind = .string(replaced, authored: text)
            }
        case .array(let elements):
            result.kind = .array(
                elements.enumerated().map { index, element in
                    path.append(.index(index))
                    defer { path.removeLast() }
                    return apply(to: element)
                })
        case .object(var members):
            for (index, member) in members.all.enumerated() {
                path.append(.key(member.key))
                defer { path.removeLast() }
                // Values of variables are literal: upstream applies them before anything is substituted.
                if path.count == 1, member.key == EnvironmentSettings.sectionKey { continue }
                members.replaceNode(at: index, with: apply(to: member.node))
            }
            result.kind = .object(members)
        }
        return result
    }

    /// `nil` when the text stays as it is.
    private func replace(in text: String, place: SourcePlace) -> String? {
        if SecretReferenceText.isWholeReference(text),
            SecretPlaces.holdsSecret(path) || SecretShape.holdsSecret(path)
        {
            return nil
        }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var missing: [String] = []
        var index = 0
        var clean = 0
        while let dollar = bytes[index...].firstIndex(of: UInt8(ascii: "$")) {
            let isEscaped = dollar + 1 < bytes.count && bytes[dollar + 1] == UInt8(ascii: "$")
            guard let end = Self.endOfReference(in: bytes, at: isEscaped ? dollar + 1 : dollar) else {
                index = dollar + 1
                continue
            }
            result += bytes[clean..<dollar]
            if isEscaped {
                result += bytes[(dollar + 1)..<end]
            } else {
                let name = String(decoding: bytes[(dollar + 2)..<(end - 1)], as: UTF8.self)
                if let value = variables(name) {
                    result += value.utf8
                } else {
                    missing.append(name)
                    result += bytes[dollar..<end]
                }
            }
            index = end
            clean = end
        }
        result += bytes[clean...]
        if let name = missing.first, !problems.isFull {
            problems.add(
                .warning, .unresolvedVariable, ConfigurationPath(path), at: place,
                "The variable \(name) is not set, so the text stays as it is and the value counts as missing.",
                remedy: "Set \(name) in the environment, or under env.vars.")
        }
        return result == bytes ? nil : String(decoding: result, as: UTF8.self)
    }

    /// Whether `text` still holds a `${NAME}` that nothing was put in for.
    static func isUnresolved(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { bytes[$0] == UInt8(ascii: "$") && endOfReference(in: bytes, at: $0) != nil }
    }

    /// The place behind the `${NAME}` that begins at `start`; `nil` when there is none.
    private static func endOfReference(in bytes: [UInt8], at start: Int) -> Int? {
        guard start + 3 < bytes.count, bytes[start + 1] == UInt8(ascii: "{") else { return nil }
        for place in (start + 2)..<min(bytes.count, start + 2 + maximumNameLength) {
            switch bytes[place] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): continue
            case UInt8(ascii: "0")...UInt8(ascii: "9") where place > start + 2: continue
            case UInt8(ascii: "}") where place > start + 2: return place + 1
            default: return nil
            }
        }
        return nil
    }
}
