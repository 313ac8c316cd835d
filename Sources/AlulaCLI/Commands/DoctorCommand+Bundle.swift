import AlulaJSON
import AlulaState

extension DoctorCommand {
    /// Writes a support bundle and says what is in it.
    func writeBundle(_ session: CommandSession) async throws -> ExitStatus {
        var maker = BundleMaker(session: session, runsHelpers: allowExec)
        let bundle = try await maker.make()
        let archive = bundle.archive(maker.text)
        let path = bundleFile.map { absolute($0, session) }
        var compressed: [UInt8]?
        if path?.hasSuffix(".tar") != true { compressed = try await compress(archive, session) }
        let place = path ?? absolute(bundle.name + (compressed == nil ? ".tar" : ".tar.gz"), session)
        try await session.environment.support.create(place, compressed ?? archive)
        if options.json {
            session.output.document(document(bundle, at: place, isCompressed: compressed != nil))
        } else {
            print(bundle, maker.text, at: place, session.output)
        }
        return .done
    }

    private func absolute(_ path: String, _ session: CommandSession) -> String {
        StateLayout.absolute(
            path, home: session.context.layout.home, in: session.environment.currentDirectory)
    }

    /// `nil` when it stays as it is, which is told.
    private func compress(_ archive: [UInt8], _ session: CommandSession) async throws -> [UInt8]? {
        do {
            if let compressed = try await session.environment.support.compress(archive) { return compressed }
        } catch let error as CancellationError {
            throw error
        } catch {
            // As where there is none.
        }
        session.output.note("gzip is not there or does not work, so the bundle is a plain tar archive.")
        return nil
    }

    private func document(_ bundle: SupportBundle, at path: String, isCompressed: Bool) -> JSONValue {
        [
            "ok": true, "path": .string(path), "compressed": .bool(isCompressed),
            "parts": .array(
                bundle.parts.map { part in
                    var object = JSONObject([("file", .string(part.name))])
                    if case .failure(let failure) = part.content { object["failed"] = .string(failure.message) }
                    return .object(object)
                }),
        ]
    }

    private func print(_ bundle: SupportBundle, _ text: BundleText, at path: String, _ output: OutputRenderer) {
        let sizes = Dictionary(bundle.files(text).map { ($0.name, $0.bytes.count) }) { first, _ in first }
        output.table(
            TextTable(
                ["FILE", "", "DETAIL"],
                bundle.parts.map { part in
                    switch part.content {
                    case .success:
                        [.init(part.name), .init("in", .good), .init("\(sizes[part.name] ?? 0) bytes", .faint)]
                    case .failure(let failure):
                        [.init(part.name), .init("failed", .bad), .init(text.clean(failure.message))]
                    }
                }))
        output.line()
        output.line("Written to \(path), readable by you alone.")
        output.note("Secrets are left out as far as a program can know them. Look at it before you send it.")
    }
}
