import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem

/// Paired devices as OpenClaw's later versions keep them, in the database that all agents share. It is only read.
///
/// Requests are left there: they live for five minutes, and only a gateway of the reference makes them.
enum DeviceDatabase {
    /// The devices by their ids, as entries of `paired.json`; `nil` when there is no database or no table of them. Blocks
    /// the calling thread.
    static func paired(at path: String) throws(StateError) -> JSONObject? {
        try DatabaseSnapshot.read(path) { database throws(StateError) in
            guard let rows = try database.rows(in: "device_pairing_paired", maximum: DeviceBook.maximumDevices) else {
                return nil
            }
            var entries = JSONObject()
            for row in rows {
                if let id = row["device_id"]?.string, !id.isEmpty { entries[id] = entry(of: row) }
            }
            return entries
        }
    }

    /// `display_name` is `displayName`, and a column that ends in `_json` holds the member itself. So columns of versions
    /// that nobody here knows are kept as well.
    private static func entry(of row: JSONObject) -> JSONValue {
        var entry = JSONObject()
        for (column, value) in row where !value.isNull {
            guard column.hasSuffix("_json") else {
                entry[memberName(column)] = value
                continue
            }
            do throws(JSONError) {
                entry[memberName(String(column.dropLast(5)))] = try JSONValue.parse(value.string ?? "")
            } catch {
                // A member that can't be read counts as missing, as everywhere.
            }
        }
        return .object(entry)
    }

    private static func memberName(_ column: String) -> String {
        let words = column.split(separator: "_")
        return words.enumerated().map { index, word in
            index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
        }.joined()
    }
}

/// Which devices of the database have been dealt with here, so that they count no more: they were taken over into
/// `paired.json`, or removed. One that was approved anew since counts again.
struct ImportedDevices: Sendable {
    /// When each was approved that was dealt with, in milliseconds.
    private var approvals: [String: Int64] = [:]

    init() {}

    /// - Parameter bytes: Our file; one that can't be read is like none.
    init(_ bytes: [UInt8]?) {
        guard let bytes else { return }
        do throws(JSONError) {
            for (id, time) in try JSONValue.parse(bytes).object ?? JSONObject() { approvals[id] = time.integer }
        } catch {
            approvals = [:]
        }
    }

    var bytes: [UInt8] {
        let members = approvals.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number($0.value)) }
        return JSONValue.object(JSONObject(members)).serialized(.pretty) + [0x0A]
    }

    /// Whether the entry of the database still counts.
    func counts(_ id: String, _ entry: JSONValue) -> Bool {
        approvals[id].map { $0 < Self.approval(entry) } ?? true
    }

    /// - Returns: Whether that is news.
    mutating func insert(_ id: String, _ entry: JSONValue) -> Bool {
        guard counts(id, entry) else { return false }
        approvals[id] = Self.approval(entry)
        return true
    }

    private static func approval(_ entry: JSONValue) -> Int64 { entry["approvedAtMs"]?.integer ?? 0 }
}
