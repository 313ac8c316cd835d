import AlulaConfiguration
import AlulaPrimitives
import AlulaSystem
import Logging
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The log follows the configuration while it runs.
@Suite(.timeLimit(.minutes(1)))
struct GatewayLogTests {
    private let scene: Installation
    private let console: Int32

    init() throws {
        scene = try Installation("{}")
        console = open("/dev/null", O_WRONLY)
    }

    private func settings(_ file: String, _ level: LoggingSettings.Level) -> LoggingSettings {
        var settings = LoggingSettings()
        settings.file = scene.path(file)
        settings.level = level
        settings.consoleLevel = .silent
        return settings
    }

    private func place(_ settings: LoggingSettings) -> LogFilePlace {
        LogFilePlace(settings: settings, layout: scene.layout, variables: [:])
    }

    private func makeLog(_ settings: LoggingSettings, override: String? = nil) throws -> GatewayLog {
        try GatewayLog(
            settings: settings, place: place(settings),
            sources: GatewayLog.Sources(
                now: { Timestamp(milliseconds: 0) }, utcOffset: { _ in 0 }, descriptor: console,
                levelOverride: override))
    }

    /// The sentences in a file, in order.
    private func sentences(_ log: GatewayLog, _ file: String) throws -> [String] {
        try BlockingContext.permit {
            log.flush(for: .seconds(30))
            let bytes = try FileReader.readExisting(scene.path(file), maximum: .mebibytes(1))?.bytes ?? []
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    @Test func anotherLevelAndAnotherFileCountFromThenOn() throws {
        let first = settings("first.log", .info)
        let log = try makeLog(first)
        log.logger.debug("Too quiet")
        log.logger.info("In the first")
        #expect(try sentences(log, "first.log").count == 1)
        let second = settings("second.log", .debug)
        log.adopt(second, place: place(second))
        log.logger.debug("In the second")
        let lines = try sentences(log, "second.log")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("In the second") == true)
        #expect(try sentences(log, "first.log").count == 1)
    }

    @Test func whatTheCommandLineSaidStaysInForce() throws {
        let first = settings("one.log", .info)
        let log = try makeLog(first, override: "error")
        let second = settings("one.log", .trace)
        log.adopt(second, place: place(second))
        log.logger.warning("Too quiet")
        log.logger.error("Loud enough")
        #expect(try sentences(log, "one.log").count == 1)
    }

    @Test func anotherPatternTakesOutWhatItMatches() throws {
        var changed = settings("one.log", .info)
        let log = try makeLog(changed)
        log.logger.info("Served", metadata: ["who": "customer-1234"])
        changed.redactionPatterns = [#"customer-(\d+)"#]
        log.adopt(changed, place: place(changed))
        log.logger.info("Served", metadata: ["who": "customer-5678"])
        let lines = try sentences(log, "one.log")
        #expect(lines.count == 2)
        #expect(lines.last?.contains("customer-***") == true)
        #expect(!lines.joined().contains("5678"))
    }
}
