import Testing

extension DurableWrite {
    static let gatewayWrites = [firstStart, nextStart, fullLog]
    static let serviceWrites = [serviceUnit, serviceRemoval]

    private static let readings = [
        "token": Readings.token, "snapshot": Readings.snapshot, "address": Readings.address,
        "configuration": Readings.text("openclaw.json"),
    ]
    private static let store = "agents/main/agent/auth-profiles.json"

    private static func profiles(_ name: String) -> String {
        #"{"version":1,"profiles":{"\#(name)":{"type":"api_key","provider":"groq","key":"sk-fake"}}}"#
    }

    /// A gateway that makes everything that it keeps: token, certificate, address, snapshot, the marks of its ownership.
    private static let firstStart = DurableWrite(
        name: "a gateway's first start", program: .gateway,
        prepare: {
            try $0.write("openclaw.json", "{ gateway: { tls: { enabled: true, autoGenerate: true } } }\n")
            // Its key is gone, so it is made anew.
            try $0.write("alula/gateway-certificate.pem", "of no use\n")
            try $0.write(store, profiles("groq:a"))
        },
        readings: readings)

    /// One that finds an earlier snapshot that is out of date, and a token that others could read.
    private static let nextStart = DurableWrite(
        name: "a gateway's next start", program: .gateway,
        prepare: { installation in
            try installation.write("openclaw.json", "{}\n")
            try installation.write("alula/gateway-token", "fake-token\n", mode: 0o644)
            try installation.write("alula/prepared-auth.json", snapshot)
            try installation.write("alula/gateway-address", "1 ws://127.0.0.1:1\n")
            try installation.write(store, profiles("groq:b"))
        },
        readings: readings)

    /// What a gateway of other settings left.
    private static let snapshot = #"{"schema":1,"generation":"1","preparedAt":1,"fingerprint":"other","facts":{}}"#

    /// The log file is full, so files are put aside one after the other.
    private static let fullLog = DurableWrite(
        name: "a full log file", program: .gateway,
        prepare: { installation in
            try installation.write(store, profiles("groq:a"))
            try installation.write("openclaw.json", "{ logging: { file: 'logs/own.log', maxFileBytes: 1024 } }\n")
            let line = #"{"time":"2026-01-01T00:00:00.000Z","message":"earlier"}"# + "\n"
            for name in ["own.log", "own.1.log", "own.2.log", "own.5.log"] {
                try installation.write("logs/\(name)", String(repeating: line, count: 18))
            }
        },
        readings: Dictionary(
            uniqueKeysWithValues: (["own.log"] + (1...5).map { "own.\($0).log" }).map {
                ($0, Readings.lines("logs/\($0)"))
            } + [("number of files", numberOfLogs)]),
        varying: ".openclaw/logs/own.")

    private static let numberOfLogs: Reading = { installation in
        installation.names(in: "\(installation.state)/logs").count <= 6 ? "bounded" : "damaged: too many"
    }

    private static func installService(_ installation: Installation) throws {
        for program in ["systemctl", "loginctl"] {
            try installation.write("\(installation.home)/bin/\(program)", "#!/bin/sh\nexit 0\n", mode: 0o700)
        }
    }

    private static let unit = Readings.text("../.config/systemd/user/alula-gateway.service")

    private static let serviceUnit = DurableWrite(
        name: "a service's unit", prepare: installService, arguments: ["service", "install"],
        next: ["service", "install", "--force"], readings: ["unit": { try unit($0).replacing($0.home, with: "HOME") }])

    private static let serviceRemoval = DurableWrite(
        name: "the removal of a service's unit",
        prepare: { installation in
            try installService(installation)
            try installation.write("\(installation.home)/.config/systemd/user/alula-gateway.service", "[Unit]\n")
        },
        arguments: ["service", "uninstall"], next: ["service", "install", "--force"],
        readings: ["unit": { try unit($0).replacing($0.home, with: "HOME") }])
}
