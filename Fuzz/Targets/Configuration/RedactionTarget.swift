import AlulaConfiguration
import AlulaJSON

extension FuzzTarget {
    /// A secret at a place where one is read, and repeated anywhere (`@@` in the input): nothing that is shown holds it.
    static let redaction = FuzzTarget("redaction", maximumBytes: 2048) { input in
        var input = input
        let place = input.choice(secretPlaces)
        let name = input.part().prefix(20)
        let text = input.part().planting(Canary.text)
        guard let document = parsedObject(text) else { return }
        let key = name.isEmpty ? "openai" : Array(name).text
        let path = ConfigurationPath(place.components.map { $0.key == "*" ? .key(key) : $0 })
        let planted: JSON5Document
        do { planted = try document.setting(.string(Canary.text), at: path) } catch { return }
        // A key is a name, and names are shown.
        guard !holdsCanaryAsKey(planted.root), !path.description.contains(Canary.text) else { return }
        let snapshot = FuzzFiles(main: planted.bytes).editor.snapshot()
        // A value that was refused as a whole is no secret of ours; the text around it is not shown either then.
        guard case .loaded(let loaded) = snapshot.outcome else { return }
        let shown = snapshot.shown
        try Canary.check(shown.text ?? "", "the text of the configuration at \(path)")
        try Canary.check(shown.document.text(), "the document at \(path)")
        try Canary.check(shown.resolved.text(), "the resolved configuration at \(path)")
        try Canary.check(loaded.view.value.text(), "the view at \(path)")
        try Canary.check(loaded.problems.map(\.description).joined(), "a problem at \(path)")
        try Canary.check(String(reflecting: shown.secrets), "the list of what is hidden")
    }

    private static let secretPlaces = ConfigurationSchema.current.secretPlaces.map(\.path)

    private static func parsedObject(_ text: [UInt8]) -> JSON5Document? {
        do {
            let document = try JSON5Document(parsing: text, maximumDepth: 60)
            return document.root.members == nil ? nil : document
        } catch {
            return nil
        }
    }

    private static func holdsCanaryAsKey(_ node: JSON5Node) -> Bool {
        if let members = node.members {
            return members.contains { $0.key.contains(Canary.text) || holdsCanaryAsKey($0.value) }
        }
        return node.elements?.contains(where: holdsCanaryAsKey) ?? false
    }
}
