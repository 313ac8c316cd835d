import AlulaJSON
import AlulaPrimitives

/// Puts the values of environment variables into texts.
///
/// `${NAME}` is replaced when the variable is set and not empty; `$${NAME}` stands for the text `${NAME}`. In the place
/// of a secret a text that is one whole reference stays as it is, since it points at the secret instead of holding it.
struct VariableSubstitution {
    private let variables: (String) -> String?
    private let problems: ProblemCollector
    private var path: [ConfigurationPath.Component] = []

    /// - Parameter variables: A variable's value; `nil` when it is not set, or empty.
    init(variables: @escaping (String) -> String?, problems: ProblemCollector) {
        self.variables = variables
        self.problems = problems
    }

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
        if SecretReferenceText.isWholeReference(text), SecretPlaces.holdsSecret(path) { return nil }
        var result = ""
        var rest = Substring(text)
        var missing: [String] = []
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            let isEscaped = rest.hasPrefix("$${")
            guard let reference = Self.reference(at: isEscaped ? rest.dropFirst() : rest) else {
                result.append("$")
                rest = rest.dropFirst()
                continue
            }
            if isEscaped {
                result += reference.text
                rest = rest.dropFirst(1 + reference.text.count)
                continue
            }
            if let value = variables(reference.name) {
                result += value
            } else {
                missing.append(reference.name)
                result += reference.text
            }
            rest = rest.dropFirst(reference.text.count)
        }
        result += rest
        if let name = missing.first {
            problems.add(
                .warning, .unresolvedVariable, ConfigurationPath(path), at: place,
                "The variable \(name) is not set, so the text stays as it is and the value counts as missing.",
                remedy: "Set \(name) in the environment, or under env.vars.")
        }
        return result == text ? nil : result
    }

    /// A reference at the very start of `text`.
    private static func reference(at text: Substring) -> (name: String, text: Substring)? {
        guard text.hasPrefix("${"), let end = text.firstIndex(of: "}") else { return nil }
        let name = text[..<end].dropFirst(2)
        guard isVariableName(name) else { return nil }
        return (String(name), text[...end])
    }

    /// Whether `text` still holds a `${NAME}` that nothing was put in for.
    static func isUnresolved(_ text: String) -> Bool {
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            rest = rest[dollar...]
            if reference(at: rest) != nil { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    private static func isVariableName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 256 else { return false }
        let isUpper = { (byte: UInt8) in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isUpper(first)
            && name.utf8.allSatisfy { isUpper($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
