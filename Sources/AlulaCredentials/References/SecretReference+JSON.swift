import AlulaJSON
import AlulaPrimitives

extension SecretReference {
    /// What a credential field points at, or `nil` when it holds no pointer.
    ///
    /// - Parameter value: An object with exactly `source`, `provider` and `id`; one without `provider`; or one of the
    ///   strings `${NAME}`, `$NAME`, `secretref-env:NAME` and `__env__:NAME`.
    init?(stored value: JSONValue) {
        switch value {
        case .string(let text):
            self.init(spelling: text)
        case .object(let object):
            guard object.keys.allSatisfy(["source", "provider", "id"].contains),
                let source = object["source"]?.string.flatMap(Source.init(rawValue:)),
                let id = object["id"]?.string?.trimmed(), !id.isEmpty
            else { return nil }
            switch object["provider"] {
            case nil:
                self.init(source: source, provider: Self.standardProvider, id: id)
            case .string(let alias)? where !alias.trimmed().isEmpty:
                self.init(source: source, provider: alias.trimmed(), id: id)
            default:
                return nil
            }
        default:
            return nil
        }
    }

    /// An environment reference in one of its short spellings.
    init?(spelling: String) {
        let text = spelling.trimmed()
        let name: Substring
        if text.hasPrefix("${"), text.hasSuffix("}") {
            name = text.dropFirst(2).dropLast()
        } else if text.hasPrefix("$") {
            name = text.dropFirst()
        } else if let prefix = ["secretref-env:", "__env__:"].first(where: text.hasPrefix) {
            name = text.dropFirst(prefix.count)
        } else {
            return nil
        }
        guard Self.isVariableName(name) else { return nil }
        self.init(source: .environment, provider: Self.standardProvider, id: String(name))
    }

    /// Whether the id has the form that the source asks for.
    var hasValidID: Bool {
        switch source {
        case .environment, .store: Self.isVariableName(id)
        case .file: id == "value" || id.hasPrefix("/")
        case .helper: Self.isHelperID(id)
        }
    }

    /// `^[A-Z][A-Z0-9_]{0,127}$`
    private static func isVariableName(_ name: some StringProtocol) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, first.isUpper, bytes.count <= 128 else { return false }
        return bytes.allSatisfy { $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// `^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$`, and no part of it is `.` or `..`.
    private static func isHelperID(_ id: String) -> Bool {
        guard let first = id.utf8.first, first.isUpper || first.isLower || first.isDigit, id.utf8.count <= 256
        else { return false }
        return id.utf8.allSatisfy { $0.isUpper || $0.isLower || $0.isDigit || "._:/#-".utf8.contains($0) }
            && !id.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}

extension UInt8 {
    fileprivate var isUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
