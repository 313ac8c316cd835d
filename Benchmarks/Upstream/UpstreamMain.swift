import AlulaMeasuring
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-bench-upstream --port N`: a provider of chat completions that costs next to nothing, for measuring what stands in
/// front of it. What it does is in the path that it is asked at; see ``UpstreamMode``.
///
/// `GET /report` counts its calls, and `GET /report/<question>` says what became of one.
@main
enum UpstreamMain {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        SocketLimit.raise()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard arguments.count == 2, arguments[0] == "--port", let port = Int(arguments[1]) else {
                throw BenchmarkError(.usage, "--port is needed, and nothing else is known.")
            }
            let book = CallBook()
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let channel = try ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
                        let sync = channel.pipeline.syncOperations
                        try sync.addHandler(ByteToMessageHandler(decoder))
                        try sync.addHandler(UpstreamHandler(book: book))
                    }
                }
                .bind(host: "127.0.0.1", port: port).wait()
            try channel.closeFuture.wait()
        } catch {
            print("alula-bench-upstream: \(error)")
            exit(70)
        }
    }
}
