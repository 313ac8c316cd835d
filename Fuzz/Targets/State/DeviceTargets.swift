import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState
import Crypto

extension FuzzTarget {
    /// The files of paired and waiting devices: what is listed has no token, and a change leaves the rest alone.
    static let deviceFiles = FuzzTarget("device-files") { input in
        var input = input
        let changes = input.byte() % 4 == 1
        let paired = plantedTokens(input.part())
        let (pending, imported) = (input.part(), input.part())
        try FuzzDirectory.with { directory in
            let layout = StateLayout(
                request: .init(stateDirectory: directory.path), variables: [:], currentDirectory: directory.path,
                exists: { _ in false })
            try directory.write(paired, to: "devices/paired.json")
            try directory.write(pending, to: "devices/pending.json")
            try directory.write(imported, to: "alula/devices-imported.json")
            let files = DeviceFiles(layout)
            let contents: DeviceFiles.Contents
            do throws(StateError) {
                contents = try files.load()
            } catch {
                return try require(error.code == .fileDamaged, "files of devices fail as \(error.code)")
            }
            try Canary.check(contents.book.payload.text(), "the list of devices")
            guard changes, let first = contents.book.devices.keys.sorted().first else { return }
            try checkRemoval(of: first, from: files, contents, directory)
        }
    }

    private static func checkRemoval(
        of id: DeviceID, from files: DeviceFiles, _ before: DeviceFiles.Contents, _ directory: FuzzDirectory
    ) throws {
        let old = try JSONValue.parse(try directory.read("devices/paired.json") ?? [])
        let owner = DeviceAuthority.owner
        _ = try files.change(deadline: .after(.seconds(5))) { book in
            do throws(GatewayError) { try book.remove(id, by: owner) } catch { return false }
            return true
        }
        let after = try files.load().book
        try require(after.devices[id] == nil, "a device that was removed is there")
        try require(after.devices.count == before.book.devices.count - 1, "removing one device removed another")
        let new = try JSONValue.parse(try directory.read("devices/paired.json") ?? [])
        for (key, entry) in old.object ?? JSONObject() where before.book.devices[DeviceID(key)] == nil {
            try require(new[key] == entry, "what is no device was not kept")
        }
    }

    private static func plantedTokens(_ bytes: [UInt8]) -> [UInt8] {
        guard let value = value(bytes), let object = value.object else { return bytes }
        return JSONValue.object(
            JSONObject(
                object.map { key, entry in
                    guard var members = entry.object, let tokens = members["tokens"]?.object else {
                        return (key, entry)
                    }
                    members["tokens"] = .object(
                        JSONObject(
                            tokens.map { role, token in
                                guard var token = token.object, token["token"]?.string != nil else {
                                    return (role, token)
                                }
                                token["token"] = .string(Canary.text)
                                return (role, .object(token))
                            }))
                    return (key, .object(members))
                })
        ).serialized()
    }

    private static let cryptography = DeviceCryptography(
        digest: { Array(SHA256.hash(data: $0)) },
        verifies: { signature, message, key in
            let point: Curve25519.Signing.PublicKey
            do { point = try Curve25519.Signing.PublicKey(rawRepresentation: key.bytes) } catch { return nil }
            return point.isValidSignature(signature, for: message)
        })

    /// Keys and signatures of devices: a key is read back from its own text, and nothing but what was signed is believed.
    static let deviceProof = FuzzTarget("device-proof", maximumBytes: 1024) { input in
        var input = input
        let (device, nonce, minute) = (input.part(), input.part().text, Int64(input.byte()))
        if let key = DevicePublicKey(device.text) {
            try require(DevicePublicKey(key.text) == key, "a key is not read back")
            try require(key.bytes.count == DevicePublicKey.length, "a key has another length")
        }
        guard let object = value(device), let claim = DeviceClaim(object) else { return }
        let client = ClientIdentity(kind: .commandLine, version: "1", platform: "Linux", mode: .commandLine)
        let arrival = DeviceArrival(
            claim: claim, client: client, role: .operator, scopes: [.read], nonce: nonce, address: "192.0.2.1",
            isDirectLocal: false, sharedSecret: .missing)
        let now = claim.signedAt.advanced(by: .seconds(minute))
        // Nobody can make up a signature. The corpus has none that fits, so a device that is believed is a defect.
        try require(
            DeviceProof(using: cryptography).failure(of: arrival, at: now) != nil, "a made-up signature is believed")
    }
}
