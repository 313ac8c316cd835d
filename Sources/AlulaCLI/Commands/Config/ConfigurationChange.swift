import AlulaJSON
import AlulaProtocol

/// What the commands that change the configuration share: one merge patch, made from what is there.
struct ConfigurationChange {
    /// How values meet what is there.
    enum Manner {
        /// They replace it, except that entries of the maps that people fill by hand are not lost on the way.
        case setting
        /// They replace it.
        case replacing
        /// They are laid over it, as a merge patch.
        case merging
    }

    /// Nothing else is written over: who changed something meanwhile is asked for again.
    private static let attempts = 3

    let session: CommandSession
    var isDryRun = false

    /// Sets all of `edits` or none.
    func set(_ edits: [Edit], _ manner: Manner) async throws {
        _ = try await change { current in
            var result = current
            for edit in edits {
                var value: JSONValue? = edit.value
                if manner == .merging { value = try edit.value.laid(over: result.value(at: edit.path)) }
                result = try result.setting(value, at: edit.path.components[...]) ?? [:]
            }
            if manner == .setting { try ConfigurationGuard.check(from: current, to: result) }
            return result
        }
    }

    /// Takes out what is at `path`.
    ///
    /// - Returns: Whether something was there.
    func unset(_ path: ConfigurationPath) async throws -> Bool {
        try await change { current in
            guard current.value(at: path) != nil else { return nil }
            return try current.setting(nil, at: path.components[...]) ?? [:]
        }
    }

    /// Asks for the patch that makes `edit`'s result of what is there; `nil` for nothing to do.
    private func change(_ edit: (JSONValue) throws -> JSONValue?) async throws -> Bool {
        for attempt in 1... {
            let current = try await session.ask("config.get")
            let before = current["resolved"] ?? [:]
            guard let after = try edit(before) else { return false }
            let patch = ConfigurationPatch(from: before, to: after)
            var parameters = JSONObject()
            parameters["raw"] = .string(patch.value.text())
            parameters["baseHash"] = current["exists"] == false ? nil : current["hash"]
            if !patch.lists.isEmpty { parameters["replacePaths"] = .array(patch.lists.map { .string("\($0)") }) }
            if isDryRun { parameters["dryRun"] = true }
            do {
                tell(try await session.ask("config.patch", .object(parameters)))
                return true
            } catch let error as CommandError
                where error.detailCode == GatewayError.staleConfiguration.detailCode && attempt < Self.attempts
            {
                continue
            }
        }
        return false
    }
}

extension ConfigurationChange {
    /// What somebody who changed something wants to know at once.
    private func tell(_ answer: JSONValue) {
        for warning in answer["warnings"]?.array ?? [] {
            session.output.note("warning: \(warning["path"]?.string ?? ""): \(warning["message"]?.string ?? "")")
        }
        let waiting = answer["restart"]?["paths"]?.array?.compactMap(\.string) ?? []
        if !waiting.isEmpty {
            session.output.note("Takes effect when the gateway is started again: \(waiting.joined(separator: ", ")).")
        }
    }

    /// A value for a place.
    struct Edit {
        var path: ConfigurationPath
        var value: JSONValue

        /// Longest batch that is taken.
        static let maximumCount = 1000

        init(path: ConfigurationPath, value: JSONValue) {
            self.path = path
            self.value = value
        }

        /// Reads a batch: a JSON5 list of `{ path, value }`. A reference may be given as `ref` and a provider of secrets
        /// as `provider`, as the reference's scripts have them.
        static func list(parsing text: String) throws -> [Edit] {
            let document: JSONValue
            do throws(JSONError) {
                document = try JSON5Document(parsing: Array(text.utf8)).root.value
            } catch {
                throw CommandError(
                    .usage, "The batch is no JSON5: line \(error.line): \(error.message)", underlying: error)
            }
            guard let entries = document.array, !entries.isEmpty, entries.count <= maximumCount else {
                throw CommandError(.usage, "A batch is a list of 1 to \(maximumCount) edits.")
            }
            return try entries.enumerated().map { index, entry in
                let values = ["value", "ref", "provider"].compactMap { entry[$0] }
                guard let path = entry["path"]?.string, values.count == 1, let value = values.first, !value.isNull
                else {
                    throw CommandError(
                        .usage, "Edit \(index + 1) of the batch needs a path, and one of value, ref and provider.")
                }
                return Edit(path: try ConfigurationPath(typed: path), value: value)
            }
        }
    }
}

extension ConfigurationPath {
    /// Reads a path that somebody typed.
    init(typed text: String) throws {
        do throws(JSONError) {
            try self.init(parsing: text)
        } catch {
            throw CommandError(.usage, "That is no path: \(error.message)", underlying: error)
        }
        guard !isRoot else { throw CommandError(.usage, "Name a place, such as gateway.port.") }
    }
}
