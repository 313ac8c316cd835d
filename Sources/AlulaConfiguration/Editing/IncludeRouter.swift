import AlulaJSON

/// Finds the file of an `$include` tree that an edit belongs to, and edits it.
struct IncludeRouter {
    /// The files that were opened, as they are.
    private var documents: [String: JSON5Document] = [:]
    /// What is to be changed in each.
    private var edits: [String: [(path: ConfigurationPath, value: JSONValue?)]] = [:]
    private let mainPath: String
    private let files: [String: ConfigurationFile]
    /// Everything put together, as written.
    private let written: JSONValue

    init(_ snapshot: ConfigurationSnapshot, main: JSON5Document, written: JSONValue) {
        mainPath = snapshot.path
        files = snapshot.files
        self.written = written
        documents[mainPath] = main
    }

    /// Puts `value` at `path` of the whole, or takes out what is there when it is `nil`. No path lies in another.
    mutating func edit(_ path: ConfigurationPath, to value: JSONValue?) throws(ConfigurationEditError) {
        let (file, inner) = try locate(path, removes: value == nil)
        edits[file, default: []].append((inner, value))
    }

    /// The files that were opened, edited.
    func edited() throws(ConfigurationEditError) -> [String: JSON5Document] {
        var edited = documents
        for (file, edits) in edits {
            do throws(JSONError) {
                edited[file] = try documents[file]?.editing(edits)
            } catch {
                throw ConfigurationEditError(.noSuchPlace, error.message)
            }
        }
        return edited
    }

    private mutating func locate(
        _ path: ConfigurationPath, removes: Bool
    ) throws(ConfigurationEditError) -> (file: String, path: ConfigurationPath) {
        var file = mainPath
        var inner = ConfigurationPath.root
        guard var node = documents[file]?.root else { return (file, path) }
        for (depth, component) in path.components.enumerated() {
            while let include = node.member(IncludeExpander.includeKey)?.value {
                let isAlone = node.members?.count == 1
                if isAlone, depth > 0, case .string(let name) = include.kind {
                    // The whole object lives in that file.
                    (file, node) = try open(name, from: file, at: path)
                    inner = .root
                    continue
                }
                let isOwn = node.member(component.key) != nil
                let place = ConfigurationPath(Array(path.components[...depth]))
                guard isOwn || written.value(at: place) == nil else {
                    throw ConfigurationEditError(
                        .included,
                        "This comes from an included file that is merged with others, so it can't be changed here; edit that file.",
                        at: path)
                }
                break
            }
            let rest = ConfigurationPath(inner.components + path.components[depth...])
            guard let next = node.node(at: ConfigurationPath([component])) else { return (file, rest) }
            inner.components.append(component)
            node = next
        }
        guard removes || node.member(IncludeExpander.includeKey) == nil else {
            throw ConfigurationEditError(
                .included, "This is an included file; change the values in it one by one.", at: path)
        }
        return (file, inner)
    }

    private mutating func open(
        _ name: String, from file: String, at path: ConfigurationPath
    ) throws(ConfigurationEditError) -> (String, JSON5Node) {
        let target = PathText.resolve(name, in: PathText.directory(of: file))
        if let document = documents[target] { return (target, document.root) }
        do throws(JSONError) {
            let bytes = files[target]?.bytes ?? []
            let document = try JSON5Document(parsing: bytes)
            documents[target] = document
            return (target, document.root)
        } catch {
            throw ConfigurationEditError(.included, "The included file can't be edited as it is.", at: path)
        }
    }
}
