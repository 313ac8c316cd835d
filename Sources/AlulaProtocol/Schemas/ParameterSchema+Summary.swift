extension ParameterSchema {
    /// The schema in a few words, as the reference page and `--help` show it.
    package var summary: String {
        switch self {
        case .any: return "anything"
        case .boolean: return "true or false"
        case .integer(let minimum, let maximum): return "whole number" + Self.range(minimum, maximum)
        case .text(1?, nil): return "text"
        case .text(let minimum, let maximum):
            let isOpen = (minimum ?? 0) <= 1 && maximum == nil
            return "text" + (isOpen ? "" : Self.range(minimum, maximum) + " characters")
        case .enumeration(let words): return words.map { "\"\($0)\"" }.joined(separator: " or ")
        case .constant(let word): return "\"\(word)\""
        case .array(let element, let minimum, let maximum):
            let bounds = Self.range(minimum, maximum)
            return "list of \(element.summary)" + (bounds.isEmpty ? "" : ",\(bounds) of them")
        case .map(let member): return "object whose members are \(member.summary)"
        case .object(let properties, let allowsOthers):
            var members = properties.map { "\($0.name)\($0.isRequired ? "" : "?"): \($0.schema.summary)" }
            if allowsOthers { members.append("…") }
            return "{\(members.joined(separator: ", "))}"
        }
    }

    private static func range(_ minimum: (some BinaryInteger)?, _ maximum: (some BinaryInteger)?) -> String {
        switch (minimum, maximum) {
        case (nil, nil): ""
        case (let minimum?, nil): " from \(minimum)"
        case (nil, let maximum?): " up to \(maximum)"
        case (let minimum?, let maximum?): " \(minimum) to \(maximum)"
        }
    }
}
