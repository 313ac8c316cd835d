import AlulaJSON
import CSQLite
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension DurableWrite {
    static let deviceWrites = [approval, rejection, removal, rename, rotation, revocation, takeover]

    private static let readings = [
        "devices": Readings.devices, "requests": Readings.requests,
        "taken over": Readings.document("alula/devices-imported.json"),
    ]
    private static let next = ["devices", "rename", "aa", "Kitchen"]

    private static func prepare(_ installation: Installation) throws {
        try installation.write(
            "devices/paired.json",
            """
            {"aa":{"deviceId":"aa","publicKey":"key","roles":["operator"],"scopes":["operator.read"],"later":{"kept":[1.50]},
              "tokens":{"operator":{"token":"fake-old","role":"operator","scopes":["operator.read"],"createdAtMs":1770000000000}}},
             "cc":{"deviceId":"cc","publicKey":"other","roles":["node"],"tokens":{}}}
            """)
        let now = Int(time(nil)) * 1000
        try installation.write(
            "devices/pending.json",
            """
            {"first":{"requestId":"first","deviceId":"bb","publicKey":"key2","roles":["node"],"scopes":[],"ts":\(now)},
             "second":{"requestId":"second","deviceId":"dd","publicKey":"key3","roles":["node"],"scopes":[],"ts":\(now)}}
            """)
    }

    /// A device that another program pairs.
    private static let pairing: OutsideEdit = { installation in
        guard case .object(var document) = try JSONValue.parse(installation.read("devices/paired.json")) else {
            return nil
        }
        document["zz"] = ["deviceId": "zz", "publicKey": "theirs", "roles": ["node"], "tokens": [:]]
        try installation.write("devices/paired.json", JSONValue.object(document).text())
        return { try JSONValue.parse($0.read("devices/paired.json"))["zz"]?["publicKey"] == "theirs" }
    }

    private static func decision(_ name: String, _ arguments: [String], next: [String] = next) -> DurableWrite {
        DurableWrite(
            name: name, prepare: prepare, arguments: ["devices"] + arguments, next: next, readings: readings,
            outside: pairing)
    }

    private static let approval = decision("a device's approval", ["approve", "first"])
    private static let removal = decision("a device's removal", ["remove", "cc"])
    private static let rename = decision("a device's name", ["rename", "aa", "Desk"])
    private static let rotation = decision("a device's new token", ["rotate", "--device", "aa", "--role", "operator"])
    private static let revocation = decision(
        "the end of a device's token", ["revoke", "--device", "aa", "--role", "operator"])
    private static let rejection = decision("the rejection of a request", ["reject", "first"])

    /// A device of the later versions' database is taken over with the first change.
    private static let takeover = DurableWrite(
        name: "a device that is taken over from a database",
        prepare: { installation in
            try prepare(installation)
            try installation.write("state/placeholder", "")
            try database("\(installation.state)/state/openclaw.sqlite")
        },
        arguments: ["devices", "remove", "ee"], next: next,
        // One file after the other: first it is noted that the device does not come back, then it goes.
        readings: [
            "devices": Readings.document("devices/paired.json"), "requests": Readings.requests,
            "taken over": { installation in
                let content = try Readings.document("alula/devices-imported.json")(installation)
                return content.hasPrefix("damaged") ? content : "whole"
            },
        ], outside: pairing)

    private static func database(_ path: String) throws {
        var connection: OpaquePointer?
        try #require(sqlite3_open(path, &connection) == SQLITE_OK)
        defer { sqlite3_close(connection) }
        let rows = ["ee", "ff"].map { "('\($0)', 'key-\($0)', '[\"node\"]', '{}', 1770000000000, 1770000000001)" }
        try #require(
            sqlite3_exec(
                connection,
                """
                CREATE TABLE device_pairing_paired(
                  device_id TEXT NOT NULL PRIMARY KEY, public_key TEXT NOT NULL, display_name TEXT, operator_label TEXT,
                  platform TEXT, device_family TEXT, client_id TEXT, client_mode TEXT, browser_origin TEXT, role TEXT,
                  roles_json TEXT, scopes_json TEXT, approved_scopes_json TEXT, remote_ip TEXT, tokens_json TEXT,
                  approved_via TEXT, node_surface_json TEXT, pending_node_surface_json TEXT,
                  created_at_ms INTEGER NOT NULL, approved_at_ms INTEGER NOT NULL, last_seen_at_ms INTEGER,
                  last_seen_reason TEXT) STRICT;
                INSERT INTO device_pairing_paired(
                  device_id, public_key, roles_json, tokens_json, created_at_ms, approved_at_ms)
                VALUES \(rows.joined(separator: ", "));
                """, nil, nil, nil) == SQLITE_OK)
    }
}
