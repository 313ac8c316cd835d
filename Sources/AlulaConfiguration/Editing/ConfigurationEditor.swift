package import AlulaJSON

/// Decides what an edit writes into which file. It reads through the function it is given and writes nothing.
package struct ConfigurationEditor {
    /// What somebody wants.
    package enum Request: Sendable {
        /// Single places: a value, or `nil` to take out what is there.
        case edits([(path: ConfigurationPath, value: JSONValue?)])
        /// A merge patch: `null` removes, lists of entries with `id` merge by it. A list gets shorter only where its
        /// path is named.
        case patch(JSONValue, replacing: [ConfigurationPath])
        /// The whole configuration anew, as JSON5, from somebody to whom it was shown.
        case text([UInt8])
        /// The main file anew, byte for byte, from somebody who has the file itself. Its mistakes are refused unless
        /// they are accepted; a text that can't be read always is.
        case file([UInt8], acceptsMistakes: Bool)
    }

    /// A file's content before and after.
    package struct FileChange: Sendable {
        /// As it was asked for.
        package let path: String
        /// `nil` when there was no file.
        package let before: [UInt8]?
        package let after: [UInt8]
    }

    /// What an edit comes to.
    package struct Outcome: Sendable {
        /// The files to write; empty when everything is as wanted already.
        package let changes: [FileChange]
        /// The configuration afterwards.
        package let configuration: LoadedConfiguration
        /// What the change touches.
        package let plan: ReloadPlan
        /// What looks like an accident about it.
        package let suspicions: [ConfigurationSuspicion]
        /// The files as they are afterwards, if nobody else changes them.
        package let after: ConfigurationSnapshot
    }

    private let path: String
    private let readFile: ConfigurationLoader.ReadFile
    private let includeRoots: [String]
    private let environment: [String: String]

    /// As for ``ConfigurationLoader``, with the absolute path of the main file.
    package init(
        path: String, readFile: @escaping ConfigurationLoader.ReadFile, includeRoots: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.path = path
        self.readFile = readFile
        self.includeRoots = includeRoots
        self.environment = environment
    }

    /// Reads everything. Blocks the calling thread as far as the reading function does.
    package func snapshot() -> ConfigurationSnapshot { load(overlay: [:]) }

    /// What `request` does to `snapshot`. Blocks the calling thread as ``snapshot()`` does.
    ///
    /// - Throws: ``ConfigurationEditError``; the result is refused when it does not come to what was wanted, or has
    ///   mistakes that were not there before.
    package func apply(
        _ request: Request, to snapshot: ConfigurationSnapshot
    ) throws(ConfigurationEditError) -> Outcome {
        if case .file(let text, let acceptsMistakes) = request {
            return try finish([path: try parsed(text)], from: snapshot, wanted: nil, acceptsMistakes: acceptsMistakes)
        }
        guard case .loaded(let current) = snapshot.outcome else {
            guard case .text(let text) = request else {
                throw ConfigurationEditError(
                    .unreadable, "The configuration can't be read as it is; mend the file first.",
                    problems: snapshot.outcome.problems)
            }
            return try finish([path: try parsed(text)], from: snapshot, wanted: nil)
        }
        let written = current.root.written
        let restoration = MarkerRestoration(
            shown: current.view.value, resolved: current.resolved, written: written)
        let wanted: JSONValue
        switch request {
        case .edits(let edits):
            var result = written
            for edit in edits {
                guard let value = edit.value else {
                    result = result.removing(edit.path.components[...])
                    continue
                }
                let restored = try restoration.restore(value, at: edit.path)
                result = try result.setting(restored, at: edit.path.components[...], path: edit.path)
            }
            wanted = result
        case .patch(let patch, let replacing):
            let merge = ConfigurationMerge(replacing: replacing, restoration: restoration)
            wanted = try merge.merge(patch)
        case .text(let text):
            let document = try parsed(text)
            guard let own = snapshot.document, Self.isForm(document, of: own) else {
                let restored = try RawText.restored(
                    document, from: snapshot.document, known: current.view.hiddenTexts)
                return try finish([path: restored], from: snapshot, wanted: nil)
            }
            wanted = try restoration.restore(document.root.value)
        case .file:
            wanted = written
        }
        let main: JSON5Document = if let own = snapshot.document { own } else { try blank(after: snapshot.text) }
        var router = IncludeRouter(snapshot, main: main, written: written)
        for (place, value) in Self.differences(from: written, to: wanted) { try router.edit(place, to: value) }
        return try finish(try router.edited(), from: snapshot, wanted: wanted)
    }

    // MARK: Steps

    /// Whether a new text is a form's content and no text of a person: it has lost comments or includes.
    private static func isForm(_ new: JSON5Document, of old: JSON5Document) -> Bool {
        let lostComments = new.commentRanges.isEmpty && !old.commentRanges.isEmpty
        let names = Set(RawText.includes(of: new.root))
        return lostComments || !Set(RawText.includes(of: old.root)).isSubset(of: names)
    }

    private func parsed(_ text: [UInt8]) throws(ConfigurationEditError) -> JSON5Document {
        do throws(JSONError) {
            return try JSON5Document(parsing: text, maximumDepth: IncludeExpander.maximumNesting)
        } catch {
            throw ConfigurationEditError(.syntax, "line \(error.line), column \(error.column): \(error.message)")
        }
    }

    /// An empty object behind whatever comments a file without values has.
    private func blank(after text: [UInt8]?) throws(ConfigurationEditError) -> JSON5Document {
        var bytes = text ?? []
        if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
        return try parsed(bytes + Array("{}\n".utf8))
    }

    private func finish(
        _ documents: [String: JSON5Document], from snapshot: ConfigurationSnapshot, wanted: JSONValue?,
        acceptsMistakes: Bool = false
    ) throws(ConfigurationEditError) -> Outcome {
        let changes = documents.filter { snapshot.files[$0.key]?.bytes != $0.value.bytes }
            .sorted { $0.key < $1.key }
            .map { FileChange(path: $0.key, before: snapshot.files[$0.key]?.bytes, after: $0.value.bytes) }
        let isNoop = changes.isEmpty || (wanted.map { sameAs($0, snapshot) } ?? false)
        let after = isNoop ? snapshot : load(overlay: documents.mapValues(\.bytes))
        guard case .loaded(let loaded) = after.outcome else {
            throw ConfigurationEditError(
                .invalid, "The result can't be read.", problems: after.outcome.problems)
        }
        let known = Set(snapshot.outcome.problems.map { "\($0.code.rawValue) \($0.path)" })
        let errors = loaded.problems.filter {
            $0.severity == .error && !known.contains("\($0.code.rawValue) \($0.path)")
        }
        guard errors.isEmpty || isNoop || acceptsMistakes else {
            throw ConfigurationEditError(.invalid, "The result has mistakes.", problems: errors)
        }
        if let wanted, !loaded.root.written.isEquivalent(to: wanted) {
            throw ConfigurationEditError(
                .included, "An included file is used in several places, so this would change more than was asked for.")
        }
        var before = JSONValue.object(JSONObject())
        var unknown = loaded.unknownPaths
        var suspicions: [ConfigurationSuspicion] = []
        if case .loaded(let old) = snapshot.outcome {
            before = old.resolved
            unknown.formUnion(old.unknownPaths)
            suspicions = ConfigurationSuspicion.all(
                from: (snapshot.text?.count ?? 0, before), to: (after.text?.count ?? 0, loaded.resolved))
        }
        return Outcome(
            changes: isNoop ? [] : changes, configuration: loaded,
            plan: ReloadPlan(from: before, to: loaded.resolved, ignoring: unknown),
            suspicions: isNoop ? [] : suspicions, after: after)
    }

    private func sameAs(_ wanted: JSONValue, _ snapshot: ConfigurationSnapshot) -> Bool {
        guard case .loaded(let loaded) = snapshot.outcome else { return false }
        return loaded.root.written.isEquivalent(to: wanted)
    }

    /// The smallest changes of objects; lists count as a whole here and are compared when they are written.
    private static func differences(
        from old: JSONValue, to new: JSONValue, at path: ConfigurationPath = .root
    ) -> [(ConfigurationPath, JSONValue?)] {
        guard let before = old.object, let after = new.object else {
            return old.isEquivalent(to: new) ? [] : [(path, new)]
        }
        var found: [(ConfigurationPath, JSONValue?)] = []
        for (key, _) in before where after[key] == nil { found.append((path.appending(key), nil)) }
        for (key, value) in after {
            let place = path.appending(key)
            if let earlier = before[key] {
                found += differences(from: earlier, to: value, at: place)
            } else {
                found.append((place, value))
            }
        }
        return found
    }

    private func load(overlay: [String: [UInt8]]) -> ConfigurationSnapshot {
        let recorder = FileRecorder()
        let readFile = readFile
        let loader = ConfigurationLoader(
            readFile: { (path, maximum) throws(ConfigurationError) in
                var file = try readFile(path, maximum)
                if let bytes = overlay[path] {
                    file = ConfigurationFile(
                        bytes: bytes, realPath: file?.realPath ?? path, isHardLinked: file?.isHardLinked ?? false)
                }
                if let file { recorder.add(file, at: path) }
                return file
            }, includeRoots: includeRoots, environment: environment)
        let outcome = loader.load(path: path)
        return ConfigurationSnapshot(outcome: outcome, path: path, files: recorder.files)
    }
}
