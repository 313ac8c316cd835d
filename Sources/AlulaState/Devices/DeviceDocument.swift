import AlulaJSON
import AlulaProtocol

/// One of the two files: an object with an entry for each device or request, by its id.
///
/// It keeps what was read, so that members and entries that nobody here understands are written back as they were.
struct DeviceDocument: Sendable {
    private var entries: JSONObject
    /// Entries from elsewhere that count like those of the file, and become them with the next write.
    private(set) var offered = JSONObject()

    /// An empty one.
    init() { entries = JSONObject() }

    /// - Parameter bytes: The file; `nil` when there is none.
    /// - Throws: ``StateError/Code/fileDamaged``.
    init(_ bytes: [UInt8]?) throws(StateError) {
        guard let bytes else {
            entries = JSONObject()
            return
        }
        var cause: JSONError?
        do throws(JSONError) {
            if let object = try JSONValue.parse(bytes).object {
                entries = object
                return
            }
        } catch {
            cause = error
        }
        throw StateError(
            .fileDamaged,
            "A file of paired devices can't be understood. Mend it, or move it away to pair all devices anew.",
            underlying: cause)
    }

    /// The file's bytes.
    var bytes: [UInt8] { JSONValue.object(entries).serialized(.pretty) + [0x0A] }

    /// The entries that are paired devices.
    var devices: [DeviceID: DeviceRecord] {
        var found: [DeviceID: DeviceRecord] = [:]
        for (key, entry) in entries {
            if let device = DeviceRecord(key: key, entry: entry) { found[device.id] = device }
        }
        for (key, entry) in offered {
            if let device = DeviceRecord(key: key, entry: entry) { found[device.id] = device }
        }
        return found
    }

    /// Adds an entry that is not in the file, unless it is no device.
    mutating func offer(_ entry: JSONValue, as key: String) {
        guard entries[key] == nil, DeviceRecord(key: key, entry: entry) != nil else { return }
        offered[key] = entry
    }

    /// The entries that are requests.
    var requests: [String: PairingRequest] {
        var found: [String: PairingRequest] = [:]
        for (key, entry) in entries { found[key] = PairingRequest(key: key, entry: entry) }
        return found
    }

    /// Makes the devices those that are there.
    mutating func put(_ devices: [DeviceID: DeviceRecord]) {
        let known = self.devices
        let removed = Set(known.keys.lazy.filter { devices[$0] == nil }.map(\.rawValue))
        entries.removeAll { removed.contains($0.key) }
        for (id, device) in devices.sorted(by: { $0.key < $1.key }) {
            var entry = (entries[id.rawValue] ?? offered[id.rawValue])?.object ?? JSONObject()
            device.write(to: &entry, knowing: known[id])
            entries[id.rawValue] = .object(entry)
        }
        offered = JSONObject()
    }

    /// Makes the requests those that are there.
    mutating func put(_ requests: [String: PairingRequest]) {
        let removed = Set(self.requests.keys.lazy.filter { requests[$0] == nil })
        entries.removeAll { removed.contains($0.key) }
        for (key, request) in requests.sorted(by: { $0.key < $1.key }) {
            var entry = entries[key]?.object ?? JSONObject()
            request.write(to: &entry)
            entries[key] = .object(entry)
        }
    }
}
