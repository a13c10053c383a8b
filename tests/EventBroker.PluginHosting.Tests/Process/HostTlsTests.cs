using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.PluginHosting.Tests.Process;

// The host with certificates as they are in earnest: chains, renewals, and clients that have some of their own.
public sealed class HostTlsTests : IDisposable
{
    private readonly FixtureFolder _folder = new();
    private readonly TestAuthority _authority = new("ours");
    private readonly TestAuthority _stranger = new("stranger");

    private string Chain => Path.Combine(_folder.Root, "server.pem");

    private string Key => Path.Combine(_folder.Root, "server.key");

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_intermediates_of_a_PEM_file_are_sent_along()
    {
        WriteServer();
        await using var host = await StartAsync("");

        Assert.NotEmpty(await ConnectAsync(host));
    }

    [Fact]
    public async Task A_certificate_that_was_renewed_is_used_without_a_restart_and_a_broken_one_is_not()
    {
        var first = WriteServer();
        await using var host = await StartAsync("");
        Assert.Equal(first, await ConnectAsync(host));

        var second = WriteServer();
        Assert.Equal(second, await ConnectAsync(host));

        File.WriteAllText(Chain, "half of a certif");
        Assert.Equal(second, await ConnectAsync(host));
        await host.WaitForLineAsync("The last good one stays in use");

        File.Delete(Chain);
        Assert.Equal(second, await ConnectAsync(host));

        var third = WriteServer();
        Assert.Equal(third, await ConnectAsync(host));
    }

    [Fact]
    public async Task A_certificate_behind_a_link_is_renewed_by_the_link()
    {
        // As a mounted secret is changed.
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Root, version));
        }

        var data = Path.Combine(_folder.Root, "data");
        Directory.CreateSymbolicLink(data, "1");
        File.CreateSymbolicLink(Chain, "data/server.pem");
        File.CreateSymbolicLink(Key, "data/server.key");
        var first = WriteServer(Path.Combine(_folder.Root, "1"));
        var second = WriteServer(Path.Combine(_folder.Root, "2"));
        await using var host = await StartAsync("");
        Assert.Equal(first, await ConnectAsync(host));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "2");

        Assert.Equal(second, await ConnectAsync(host));
    }

    [Fact]
    public async Task A_client_must_show_a_certificate_of_the_authorities_and_authorizers_see_it()
    {
        WriteServer();
        await using var host = await StartAsync(Clients("require"));

        Assert.Contains("CN=client", await AskAsync(host, _authority.IssueClient("CN=client")), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(host, []));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(host, _stranger.IssueClient("CN=client")));
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_served_where_that_is_allowed_and_one_with_a_wrong_one_is_not()
    {
        WriteServer();
        await using var host = await StartAsync(Clients("allow"));

        Assert.Contains("nobody", await AskAsync(host, []), StringComparison.Ordinal);
        Assert.Contains("CN=client", await AskAsync(host, _authority.IssueClient("CN=client")), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(host, _stranger.IssueClient("CN=client")));
    }

    [Fact]
    public async Task Authorities_that_cannot_be_read_stop_the_start()
    {
        WriteServer();
        await using var host = Start(", \"clientCertificates\": { \"authoritiesPath\": \"/nowhere/ca.pem\" }");

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("$.listen.clientCertificates.authoritiesPath: /nowhere/ca.pem can't be used", errors, StringComparison.Ordinal);
    }

    // Whoever does that on purpose would fill the log: each with some hundred lines of stacks.
    [Theory]
    [InlineData(1, "15 03 03 00 02 02 28", false)]
    [InlineData(2, "15 03 03 00 02 02 28", false)]
    [InlineData(1, "47 45 54 20 2F 20 48 54 54 50", false)]
    [InlineData(2, "47 45 54 20 2F 20 48 54 54 50", false)]
    [InlineData(1, "17 03 03 01 00 61 62", true)]
    [InlineData(2, "17 03 03 01 00 61 62", true)]
    public async Task A_client_whose_TLS_breaks_is_gone_and_no_error_in_the_log(int httpVersion, string broken, bool isEnd)
    {
        WriteServer();
        await using var host = await StartAsync("", "allow-all");
        var sockets = new ConcurrentBag<Socket>();
        using var handler = Handler(_ => { });
        handler.Expect100ContinueTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            sockets.Add(socket);
            return new NetworkStream(socket, ownsSocket: true);
        };
        using var client = new HttpClient(handler)
        {
            BaseAddress = host.AddressOf("gRPC, REST, WebSocket, SSE"),
            DefaultRequestVersion = new Version(httpVersion, httpVersion == 1 ? 1 : 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var registered = await client.PostAsync("/v1/events/e", null);
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        using var stream = await client.GetAsync("/v1/events/e/stream", HttpCompletionOption.ResponseHeadersRead);
        var (rest, grpc) = (new[] { "/v1/events/e/messages", "/v1/ack", "/v1/events/f", "/v1/events/e/seek" }, new[] { "/event.v1.EventService/Publish", "/eventbroker.v1.BrokerService/PublishStream" });
        var bodies = rest.Select(static path => (Path: path, Content: new HalfContent([(byte)'{'], "application/json")))
            .Concat(httpVersion == 1 ? [] : grpc.Select(static path => (Path: path, Content: new HalfContent([0, 0, 0, 1, 0, 0x0A], "application/grpc"))))
            .ToList();
        var calls = bodies.ConvertAll(body => SendAsync(client, body.Path, body.Content));
        await Task.WhenAll(bodies.Select(static body => body.Content.Written));

        foreach (var socket in sockets)
        {
            await socket.SendAsync(Convert.FromHexString(broken.Replace(" ", "", StringComparison.Ordinal)));
            if (isEnd)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }

        // Over HTTP/1.1 the client looks for an answer when it has sent all.
        bodies.ForEach(static body => body.Content.End());
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
        }

        host.Terminate();
        Assert.Equal(0, (await host.WaitForExitAsync()).ExitCode);
        Assert.DoesNotContain("Exception", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" ERR ", host.Output, StringComparison.Ordinal);
    }

    // The server says "continue" when it begins to read.
    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body, Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.ExpectContinue = true;
        request.Headers.TE.Add(new("trailers"));
        return await client.SendAsync(request);
    }

    private string Clients(string mode)
    {
        var authorities = Path.Combine(_folder.Root, "ca.pem");
        File.WriteAllText(authorities, _authority.RootPem);
        return $$""", "clientCertificates": { "mode": "{{mode}}", "authoritiesPath": "{{authorities}}" }""";
    }

    // Returns its thumbprint.
    private string WriteServer(string? folder = null)
    {
        var (chain, key, thumbprint) = _authority.IssueServer();
        File.WriteAllText(folder is null ? Key : Path.Combine(folder, "server.key"), key);
        File.WriteAllText(folder is null ? Chain : Path.Combine(folder, "server.pem"), chain);
        return thumbprint;
    }

    private async Task<HostProcess> StartAsync(string more, string authorizer = "sees-certificate")
    {
        var host = Start(more, authorizer);
        await host.WaitUntilReadyAsync();
        return host;
    }

    private HostProcess Start(string more, string authorizer = "sees-certificate")
    {
        _folder.Add("SeesCertificate");
        foreach (var plugin in new[] { "memory", "allow-all" })
        {
            FixtureFolder.CopyTree(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins", plugin), Path.Combine(_folder.Plugins, plugin));
        }

        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, $$"""
            {
              "listen": { "https": "https://127.0.0.1:0", "certificate": { "path": "{{Chain}}", "keyPath": "{{Key}}" } {{more}} },
              "pluginsDirectory": "{{_folder.Plugins}}",
              "transports": { "local": { "plugin": "memory" } }, "routes": [ { "events": "*", "transport": "local" } ],
              "authorizers": [ { "plugin": "{{authorizer}}" } ]
            }
            """);
        return HostProcess.Start(_folder.Root, ["--config", file]);
    }

    // What the authorizer tells.
    private async Task<string> AskAsync(HostProcess host, X509Certificate2Collection certificates)
    {
        using var handler = Handler(_ => { });
        if (certificates.Count > 0)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificates[0], certificates, offline: true);
        }

        using var client = new HttpClient(handler) { BaseAddress = host.AddressOf("gRPC, REST, WebSocket, SSE") };
        using var response = await client.GetAsync("/v1/events");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    // The thumbprint of the server's certificate on a connection of its own.
    private async Task<string> ConnectAsync(HostProcess host)
    {
        var seen = "";
        using var handler = Handler(thumbprint => seen = thumbprint);
        using var client = new HttpClient(handler) { BaseAddress = host.AddressOf("gRPC, REST, WebSocket, SSE") };
        using var response = await client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return seen;
    }

    private SocketsHttpHandler Handler(Action<string> seen) => new()
    {
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                CustomTrustStore = { _authority.Root },
            },
            RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            {
                seen(((X509Certificate2)certificate!).Thumbprint);
                return errors == SslPolicyErrors.None;
            },
        },
    };

    // The beginning of a body, whose rest does not come.
    private sealed class HalfContent : HttpContent
    {
        private readonly byte[] _beginning;
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HalfContent(byte[] beginning, string type)
        {
            _beginning = beginning;
            Headers.ContentType = new(type);
        }

        // Once the server has begun to read.
        public Task Written => _written.Task;

        public void End() => _end.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(_beginning, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            _written.SetResult();
            await _end.Task.WaitAsync(cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
