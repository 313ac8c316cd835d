import AlulaConfiguration
import AlulaServer
import Testing

@testable import AlulaGateway

struct ListenAddressTests {
    private func binding(
        _ bind: GatewaySettings.Bind, host: String? = nil, isContainer: Bool = false, tailnet: String? = nil
    ) throws -> ServerSettings.Binding {
        try ListenAddress.binding(
            bind, customHost: host,
            on: ListenAddress.Machine(isContainer: { isContainer }, tailnetAddress: { tailnet }))
    }

    @Test(
        arguments: [
            (.loopback, .loopback, .loopback), (.lan, .everywhere, .everywhere), (.automatic, .loopback, .everywhere),
        ] as [(GatewaySettings.Bind, ServerSettings.Binding, ServerSettings.Binding)])
    func aContainerMattersToAutomaticOnly(
        bind: GatewaySettings.Bind, outside: ServerSettings.Binding, inside: ServerSettings.Binding
    ) throws {
        #expect(try binding(bind) == outside)
        #expect(try binding(bind, isContainer: true) == inside)
    }

    @Test func aTailnetWithoutAnAddressIsLoopback() throws {
        #expect(try binding(.tailnet, tailnet: "100.64.1.2") == .address("100.64.1.2"))
        #expect(try binding(.tailnet, isContainer: true) == .loopback)
    }

    @Test func aCustomAddressIsTaken() throws {
        #expect(try binding(.custom, host: "192.168.7.8") == .address("192.168.7.8"))
        // Only its own setting reads it.
        #expect(try binding(.loopback, host: "192.168.7.8") == .loopback)
    }

    @Test(arguments: [nil, "", "localhost", "::1", "300.1.2.3", "1.2.3", "0.0.0.0:1"])
    func aCustomAddressThatIsNoneIsRefused(host: String?) throws {
        let error = #expect(throws: GatewayStartError.self) { try binding(.custom, host: host) }
        #expect(error?.code == .configurationRefused)
        #expect(error?.message.contains("customBindHost") == true)
    }

    @Test(
        arguments: [
            (0x6440_0000, true), (0x6440_0102, true), (0x647F_FFFF, true), (0x643F_FFFF, false), (0x6480_0000, false),
            (0x0A00_0001, false), (0x7F00_0001, false),
        ] as [(UInt32, Bool)])
    func tailnetAddressesAreThoseOfItsRange(address: UInt32, isTailnet: Bool) {
        #expect(ListenAddress.isTailnet(address) == isTailnet)
    }

    @Test func thisMachineCanBeAsked() throws {
        for bind in GatewaySettings.Bind.allCases where bind != .custom {
            _ = try ListenAddress.binding(bind, customHost: nil)
        }
    }
}
