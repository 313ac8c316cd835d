import AlulaConfiguration
import AlulaServer
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where to listen, from the setting and what this machine has.
enum ListenAddress {
    /// What decides on this machine; each is asked for only where a setting depends on it.
    struct Machine: Sendable {
        /// Whether this process runs in a container, where loopback reaches nobody outside.
        var isContainer: @Sendable () -> Bool
        /// The address that Tailscale gave this machine, if any.
        var tailnetAddress: @Sendable () -> String?

        /// The one that this process runs on.
        static let present = Machine(
            isContainer: { ListenAddress.isContainer }, tailnetAddress: { ListenAddress.tailnetAddress })
    }

    /// - Throws: ``GatewayStartError/Code/configurationRefused`` for a custom address that is none.
    static func binding(
        _ bind: GatewaySettings.Bind, customHost: String?, on machine: Machine = .present
    ) throws(GatewayStartError) -> ServerSettings.Binding {
        switch bind {
        case .loopback: return .loopback
        case .lan: return .everywhere
        case .automatic: return machine.isContainer() ? .everywhere : .loopback
        case .tailnet: return machine.tailnetAddress().map { .address($0) } ?? .loopback
        case .custom:
            guard let customHost, isIPv4(customHost) else {
                throw GatewayStartError(
                    .configurationRefused, "gateway.bind is custom; set gateway.customBindHost to an IPv4 address.")
            }
            return .address(customHost)
        }
    }

    /// Whether `address`, in host order, is in 100.64.0.0/10, from which Tailscale hands out.
    static func isTailnet(_ address: UInt32) -> Bool { address >> 22 == 0x6440_0000 >> 22 }

    private static var isContainer: Bool {
        access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0
    }

    private static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    /// The first of this machine's addresses that Tailscale handed out.
    private static var tailnetAddress: String? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else { continue }
            let found = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
            let value = UInt32(bigEndian: found.s_addr)
            guard isTailnet(value) else { continue }
            return "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
        }
        return nil
    }
}
