import AlulaJSON

/// Puts back what a reader was not shown: secrets behind markers, and the text of variables.
struct MarkerRestoration {
    /// What was shown.
    let shown: JSONValue
    /// With variables put in.
    let resolved: JSONValue
    /// As it is written in the files.
    let written: JSONValue

    /// `value` in the words of the files: whatever equals what was shown, or what a variable came to, is as written.
    func restore(_ value: JSONValue) throws(ConfigurationEditError) -> JSONValue {
        try Self.restore(value, shown, resolved, written, at: .root)
    }

    /// The same for a value that is meant for `path`.
    func restore(_ value: JSONValue, at path: ConfigurationPath) throws(ConfigurationEditError) -> JSONValue {
        try Self.restore(value, shown.value(at: path), resolved.value(at: path), written.value(at: path), at: path)
    }

    /// The same for a value whose counterparts are known.
    static func restore(
        _ value: JSONValue, _ shown: JSONValue?, _ resolved: JSONValue?, _ written: JSONValue?,
        at path: ConfigurationPath
    ) throws(ConfigurationEditError) -> JSONValue {
        if let written, let shown, value.isEquivalent(to: shown) { return written }
        switch value {
        case .null, .bool, .number:
            break
        case .string(let text):
            if let written, let resolved, value.isEquivalent(to: resolved) { return written }
            if text.contains(ConfigurationView.placeholder) {
                throw ConfigurationEditError(
                    .unrestorable, "There is no secret here that the marker could stand for.", at: path)
            }
        case .object(let members):
            var result = JSONObject()
            for (key, inner) in members {
                result[key] = try restore(
                    inner, shown?[key], resolved?[key], written?[key], at: path.appending(key))
            }
            return .object(result)
        case .array(let elements):
            var result: [JSONValue] = []
            for (index, inner) in elements.enumerated() {
                let place = place(of: inner, at: index, among: shown?.array ?? [])
                result.append(
                    try restore(
                        inner, element(shown, place), element(resolved, place),
                        element(written, place), at: path.appending(index)))
            }
            return .array(result)
        }
        return value
    }

    /// Which of the old elements a new one is: the one with its id, else the one with its index.
    private static func place(of element: JSONValue, at index: Int, among old: [JSONValue]) -> Int {
        guard let id = element["id"] else { return index }
        return old.firstIndex { $0["id"]?.isEquivalent(to: id) ?? false } ?? index
    }

    private static func element(_ value: JSONValue?, _ index: Int) -> JSONValue? {
        guard let elements = value?.array, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension ConfigurationNode {
    /// The value with texts as they are written.
    var written: JSONValue {
        switch kind {
        case .string(let text, let authored): .string(authored ?? text)
        case .array(let elements): .array(elements.map(\.written))
        case .object(let members): .object(JSONObject(members.all.map { ($0.key, $0.node.written) }))
        case .null, .bool, .number: value
        }
    }

    /// A value as one file has it, for showing that file.
    init(showing value: JSONValue) {
        let kind: Kind =
            switch value {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .number(let number): .number(number)
            case .string(let text): .string(text, authored: nil)
            case .array(let elements): .array(elements.map { ConfigurationNode(showing: $0) })
            case .object(let object): .object(ConfigurationMembers(showing: object))
            }
        self.init(kind: kind, place: SourcePlace(file: 0, line: 1, column: 1))
    }
}

extension ConfigurationMembers {
    fileprivate init(showing object: JSONObject) {
        self.init()
        for (key, value) in object {
            set(Member(key: key, keyPlace: SourcePlace(file: 0, line: 1, column: 1), node: .init(showing: value))) {
                $0
            }
        }
    }
}
