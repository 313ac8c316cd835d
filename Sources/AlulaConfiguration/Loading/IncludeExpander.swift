import AlulaJSON

/// Reads the main file and everything that it includes, and puts them together.
struct IncludeExpander {
    /// Files within files.
    static let maximumIncludeDepth = 10
    /// Included files in all.
    static let maximumIncludes = 256
    /// Bytes of one included file.
    static let maximumIncludedBytes = 2 << 20
    /// Bytes of the main file.
    static let maximumMainBytes = 64 << 20
    /// Bytes of all included files together.
    static let maximumIncludedBytesInAll = 64 << 20
    /// Longest path that is followed, in bytes.
    static let maximumPathLength = 4095
    /// Arrays and objects within one another, over all files: later steps walk the tree on the call stack.
    static let maximumNesting = 100
    /// The key whose value names files.
    static let includeKey = "$include"

    private let readFile: ConfigurationLoader.ReadFile
    private let includeRoots: [String]
    private let problems: ProblemCollector
    private var allowedDirectories: [String] = []
    /// Where the value that is being expanded will stand.
    private var path: [ConfigurationPath.Component] = []
    private var includedBytes = 0
    private(set) var sources: [ConfigurationSource] = []
    /// The main file as it was written; `nil` when there is none, or nothing in it.
    private(set) var document: JSON5Document?
    /// Whether every included file was found and understood.
    private(set) var isComplete = true

    /// `problems` gets everything that is wrong.
    init(readFile: @escaping ConfigurationLoader.ReadFile, includeRoots: [String], problems: ProblemCollector) {
        self.readFile = readFile
        self.includeRoots = includeRoots
        self.problems = problems
    }

    /// Returns an empty object when there is no file, or nothing in it; `nil` when it can't be read.
    mutating func readMainFile(_ path: String) -> ConfigurationNode? {
        let index = problems.add(file: path)
        let place = SourcePlace(file: index, line: 1, column: 1)
        let empty = ConfigurationNode(kind: .object(ConfigurationMembers()), place: place)
        let file: ConfigurationFile
        do {
            guard let found = try readFile(path, Self.maximumMainBytes) else {
                sources.append(ConfigurationSource(path: path, realPath: nil, contentHash: nil))
                return empty
            }
            file = found
        } catch {
            sources.append(ConfigurationSource(path: path, realPath: nil, contentHash: nil))
            let code: ConfigurationProblem.Code = error.code == .tooLarge ? .fileTooLarge : .unreadableFile
            problems.add(.error, code, .root, at: place, error.message)
            return nil
        }
        note(file, path: path)
        allowedDirectories = [PathText.directory(of: path), PathText.directory(of: file.realPath)] + includeRoots
        do {
            let document = try JSON5Document(parsing: file.bytes, maximumDepth: Self.maximumNesting)
            self.document = document
            guard case .object = document.root.kind else {
                problems.add(
                    .error, .notAnObject, .root, at: SourcePlace(file: index, document.root.position),
                    "A configuration is an object.", remedy: "Put braces around it: { … }.")
                return nil
            }
            let context = Context(file: index, path: path, chain: [file.realPath], depth: 0)
            return expand(document.root, in: context)
        } catch  where error.code == .empty {
            return empty
        } catch {
            report(error, file: index)
            return nil
        }
    }

    /// What is known about the file that a node stands in.
    private struct Context {
        let file: Int
        let path: String
        /// The files that are being expanded, outermost first, by their real paths.
        let chain: [String]
        /// Arrays and objects around the node, over all files.
        var depth: Int

        func deeper() -> Context { Context(file: file, path: path, chain: chain, depth: depth + 1) }
        func place(_ position: SourcePosition) -> SourcePlace { SourcePlace(file: file, position) }
    }

    private mutating func expand(_ node: JSON5Node, in context: Context) -> ConfigurationNode {
        let place = context.place(node.position)
        let kind: ConfigurationNode.Kind
        switch node.kind {
        case .null: kind = .null
        case .bool(let bool): kind = .bool(bool)
        case .number(let number): kind = .number(number)
        case .string(let text): kind = .string(text, authored: nil)
        case .nonFinite:
            problems.add(
                .error, .invalidValue, ConfigurationPath(path), at: place,
                "This must be a finite number; it is ignored.")
            kind = .null
        case .array(let elements):
            let inner = context.deeper()
            var expanded: [ConfigurationNode] = []
            expanded.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                path.append(.index(index))
                expanded.append(expand(element, in: inner))
                path.removeLast()
            }
            kind = .array(expanded)
        case .object(let members):
            return expand(members, place: place, in: context)
        }
        return ConfigurationNode(kind: kind, place: place)
    }

    private mutating func expand(
        _ members: [JSON5Member], place: SourcePlace, in context: Context
    ) -> ConfigurationNode {
        let deeper = context.deeper()
        var own = ConfigurationMembers()
        var include: JSON5Member?
        for member in members {
            if member.key == Self.includeKey {
                include = member
                continue
            }
            path.append(.key(member.key))
            defer { path.removeLast() }
            let keyPlace = context.place(member.keyPosition)
            if own[member.key] != nil {
                problems.add(
                    .warning, .duplicateKey, ConfigurationPath(path), at: keyPlace,
                    "The key is there twice; this one counts.",
                    remedy: "Remove one of the two.")
            }
            let node = expand(member.value, in: deeper)
            own.set(.init(key: member.key, keyPlace: keyPlace, node: node)) { _ in node }
        }
        let siblings = ConfigurationNode(kind: .object(own), place: place)
        guard let include else { return siblings }
        guard let included = readIncludes(of: include.value, in: context) else { return siblings }
        guard !own.all.isEmpty else { return included }
        guard included.members != nil else {
            let place = context.place(include.value.position)
            return refuse(.invalidInclude, place, "Keys stand beside it, so the file must hold an object.")
                ?? siblings
        }
        return included.merging(siblings)
    }

    /// Merges the files that a `$include` names; `nil` when none could be read.
    private mutating func readIncludes(of value: JSON5Node, in context: Context) -> ConfigurationNode? {
        switch value.kind {
        case .string(let name):
            return readInclude(name, place: context.place(value.position), in: context)
        case .array(let elements):
            var merged: ConfigurationNode?
            for element in elements {
                let place = context.place(element.position)
                guard case .string(let name) = element.kind else {
                    _ = refuse(.invalidInclude, place, "An include is a path, or a list of paths.")
                    continue
                }
                guard let included = readInclude(name, place: place, in: context) else { continue }
                merged = merged?.merging(included) ?? included
            }
            return merged
        default:
            let place = context.place(value.position)
            return refuse(.invalidInclude, place, "An include is a path, or a list of paths.")
        }
    }

    private mutating func readInclude(
        _ name: String, place: SourcePlace, in context: Context
    ) -> ConfigurationNode? {
        guard !name.isEmpty, name.utf8.count <= Self.maximumPathLength, !name.utf8.contains(0) else {
            return refuse(.invalidInclude, place, "This is not a path.")
        }
        guard context.chain.count <= Self.maximumIncludeDepth else {
            return refuse(.invalidInclude, place, "More than \(Self.maximumIncludeDepth) files include one another.")
        }
        guard sources.count <= Self.maximumIncludes else {
            return refuse(.invalidInclude, place, "More than \(Self.maximumIncludes) files are included.")
        }
        let target = PathText.resolve(name, in: PathText.directory(of: context.path))
        guard isAllowed(target) else { return refuseOutside(place) }
        let file: ConfigurationFile
        do {
            guard let found = try readFile(target, Self.maximumIncludedBytes) else {
                noteMissing(target)
                return refuse(.missingInclude, place, "There is no such file.")
            }
            file = found
        } catch {
            noteMissing(target)
            let code: ConfigurationProblem.Code = error.code == .tooLarge ? .fileTooLarge : .unreadableFile
            return refuse(code, place, error.message)
        }
        note(file, path: target)
        guard isAllowed(file.realPath) else { return refuseOutside(place) }
        guard !file.isHardLinked else {
            return refuse(.forbiddenInclude, place, "The file has a second name elsewhere, so it is not read.")
        }
        guard file.bytes.count <= Self.maximumIncludedBytes else {
            return refuse(.fileTooLarge, place, "An included file has at most 2 MiB.")
        }
        includedBytes += file.bytes.count
        guard includedBytes <= Self.maximumIncludedBytesInAll else {
            return refuse(.fileTooLarge, place, "All included files together have at most 64 MiB.")
        }
        guard !context.chain.contains(file.realPath) else {
            return refuse(.circularInclude, place, "The file includes itself, directly or through others.")
        }
        return parse(file, path: target, in: context)
    }

    private mutating func parse(
        _ file: ConfigurationFile, path target: String, in context: Context
    ) -> ConfigurationNode? {
        let index = problems.add(file: target)
        do {
            let rest = max(0, Self.maximumNesting - context.depth)
            let document = try JSON5Document(parsing: file.bytes, maximumDepth: rest)
            let inner = Context(
                file: index, path: target, chain: context.chain + [file.realPath], depth: context.depth)
            return expand(document.root, in: inner)
        } catch  where error.code == .empty {
            return ConfigurationNode(
                kind: .object(ConfigurationMembers()), place: SourcePlace(file: index, line: 1, column: 1))
        } catch {
            isComplete = false
            report(error, file: index)
            return nil
        }
    }

    private func isAllowed(_ path: String) -> Bool {
        allowedDirectories.contains { PathText.isWithin(path, directory: $0) }
    }

    private mutating func refuseOutside(_ place: SourcePlace) -> ConfigurationNode? {
        refuse(
            .forbiddenInclude, place, "The file lies outside the configuration's directory.",
            remedy: "Move it there, or name its directory in OPENCLAW_INCLUDE_ROOTS.")
    }

    private mutating func refuse(
        _ code: ConfigurationProblem.Code, _ place: SourcePlace, _ message: String, remedy: String = ""
    ) -> ConfigurationNode? {
        isComplete = false
        problems.add(
            .error, code, ConfigurationPath(path + [.key(Self.includeKey)]), at: place,
            message + " Nothing is included.", remedy: remedy)
        return nil
    }

    private func report(_ error: JSONError, file: Int) {
        let code: ConfigurationProblem.Code =
            switch error.code {
            case .unexpectedEnd, .empty: .truncated
            case .tooDeep: .tooDeep
            case .tooLarge: .fileTooLarge
            case .unexpectedCharacter, .invalidNumber, .invalidEscape, .invalidString, .invalidUTF8, .trailingContent,
                .invalidPath, .noSuchPlace:
                .syntax
            }
        problems.add(
            .error, code, ConfigurationPath(path), at: SourcePlace(file: file, error.position), error.message)
    }

    private mutating func note(_ file: ConfigurationFile, path: String) {
        sources.append(
            ConfigurationSource(path: path, realPath: file.realPath, contentHash: ContentHash.hash(file.bytes)))
    }

    private mutating func noteMissing(_ path: String) {
        sources.append(ConfigurationSource(path: path, realPath: nil, contentHash: nil))
    }
}
