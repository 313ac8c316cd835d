import AlulaAuth
import AlulaCredentials
import AlulaGateway
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import AlulaSystem
import AlulaWarmWorker
import Testing

/// What the product's own readers make of files, as texts that can be compared. What can't be read is a text too, and equals
/// nothing that may be there.
enum Readings {
    private static func layout(_ installation: Installation) -> StateLayout {
        StateLayout(
            request: .init(stateDirectory: installation.state), variables: ["HOME": installation.home],
            currentDirectory: installation.home, exists: { _ in false })
    }

    /// A file's text, byte for byte.
    static func text(_ path: String) -> DurableWrite.Reading {
        { installation in installation.has(path) ? installation.read(path) : "none" }
    }

    /// The credentials of the main store: the loader's words for each, and the file's content.
    static let profiles: DurableWrite.Reading = { installation in
        let editor = StoreEditor(
            layout: layout(installation), pool: Installation.pool, isReadOnly: true, now: { SystemTime.now })
        let loader = CredentialStoreLoader(databases: CredentialReaders.databases)
        switch BlockingContext.permit({ loader.load(editor.files(of: editor.mainStore)) }) {
        case .absent: return "none"
        case .failed(let problem): return "damaged: \(problem.code)"
        case .found(let loaded):
            let rows = loaded.document.profiles.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.provider)" }
            let problems = loaded.document.problems.map { "\($0.code)" }
            return (rows + problems + [try document(editor.files(of: editor.mainStore).profilesPath, installation)])
                .joined(separator: "\n")
        }
    }

    /// A file of one JSON document, without what differs from run to run.
    static func document(_ path: String) -> DurableWrite.Reading { { try document(path, $0) } }

    private static func document(_ path: String, _ installation: Installation) throws -> String {
        guard installation.has(path) else { return "none" }
        do {
            return Installation.withoutLongNumbers(settled(try JSONValue.parse(installation.read(path))).text())
        } catch {
            return "damaged: \(error)"
        }
    }

    /// Tokens are made from random bytes.
    private static func settled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text) where text.utf8.count == 43: "<random>"
        case .object(let object): .object(JSONObject(object.map { ($0.key, settled($0.value)) }))
        case .array(let array): .array(array.map(settled))
        default: value
        }
    }

    /// The paired devices, by the product's reader and as they are in the file.
    static let devices: DurableWrite.Reading = { installation in
        try devices(installation) { $0.devices.values.map { "\($0.id) \($0.label ?? "")" } } + "\n"
            + document("devices/paired.json", installation)
    }

    /// The devices that ask to be paired.
    static let requests: DurableWrite.Reading = { installation in
        try devices(installation) { Array($0.requests.keys) }
    }

    private static func devices(_ installation: Installation, _ words: (DeviceBook) -> [String]) throws -> String {
        do throws(StateError) {
            let files = DeviceFiles(layout(installation))
            let contents = try BlockingContext.permit { () throws(StateError) in try files.load() }
            return words(contents.book).sorted().joined(separator: "\n")
        } catch {
            return "damaged: \(error.code)"
        }
    }

    /// The API keys, by the product's reader and as they are in the file.
    static let keys: DurableWrite.Reading = { installation in
        try keyNames(installation) + "\n" + document("alula/api-keys.json", installation)
    }

    private static func keyNames(_ installation: Installation) -> String {
        do throws(StateError) {
            let file = APIKeyFile(layout(installation))
            let book = try BlockingContext.permit { () throws(StateError) in try file.load() }
            return (book.keys.map(\.name) + ["unreadable: \(book.unreadableCount)"]).joined(separator: "\n")
        } catch {
            return "damaged: \(error.code)"
        }
    }

    /// The gateway's token: its kind, since its bytes are random.
    static let token: DurableWrite.Reading = { installation in
        do throws(StateError) {
            let path = layout(installation).token
            let token = try BlockingContext.permit { () throws(StateError) in try GatewayToken.load(path) }
            guard let token else { return installation.has("alula/gateway-token") ? "empty" : "none" }
            return token.exposed == "fake-token" ? "given" : "\(token.exposed.utf8.count) characters"
        } catch {
            return "damaged: \(error.code)"
        }
    }

    /// The last snapshot: which providers its facts are about.
    static let snapshot: DurableWrite.Reading = { installation in
        guard installation.has("alula/prepared-auth.json") else { return "none" }
        do {
            let document = try JSONValue.parse(installation.read("alula/prepared-auth.json"))
            let facts = try FactCoding.facts(from: document["facts"] ?? .null)
            let profiles = facts.stores.values.flatMap { $0.fact?.profiles.keys.map { "\($0)" } ?? [] }
            return "schema \(document["schema"]?.integer ?? 0): \(profiles.sorted())"
        } catch {
            return "damaged: \(error)"
        }
    }

    /// Where the gateway listens, which is another place each time.
    static let address: DurableWrite.Reading = { installation in
        guard installation.has("alula/gateway-address") else { return "none" }
        let parts = installation.read("alula/gateway-address").split { $0 == " " || $0.isNewline }
        return parts.count == 2 && Int32(parts[0]) != nil ? parts[1].split(separator: ":")[0] + ":" : "damaged"
    }

    /// A file of lines, each a JSON document.
    static func lines(_ path: String) -> DurableWrite.Reading {
        { installation in
            let broken = installation.read(path).split(separator: "\n").filter { line in
                do { return try JSONValue.parse(String(line)).object == nil } catch { return true }
            }
            return broken.isEmpty ? "whole" : "damaged: \(broken)"
        }
    }

    /// Earlier texts of the configuration, each of which is whole.
    static let backups: DurableWrite.Reading = { installation in
        let names = installation.names().filter { $0.hasPrefix("openclaw.json.bak") }
        let broken = names.filter { !installation.read($0).hasSuffix("}\n") }
        return names.count <= 5 && broken.isEmpty ? "whole" : "damaged: \(names) \(broken)"
    }
}
