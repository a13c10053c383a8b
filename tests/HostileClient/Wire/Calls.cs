using System.Net;
using System.Net.Http.Headers;
using Benchmarks.Clients;
using Benchmarks.Servers;
using Google.Protobuf;

namespace HostileClient.Wire;

/// <summary>Whole calls over HTTP/1.1 and gRPC, whatever is in them.</summary>
internal sealed class Calls(ServerAddresses server) : IDisposable
{
    private const int MaxConnections = 32;
    private const int KeptAnswer = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpMessageInvoker _grpc = NewGrpc();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null, MaxConnectionsPerServer = MaxConnections });

    /// <summary>Makes a connection of its own for gRPC.</summary>
    public static HttpMessageInvoker NewGrpc() => new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    public Task<string> GrpcAsync(string method, IMessage message, string role, CancellationToken cancellation) =>
        GrpcAsync(method, GrpcFrame.Of(message), role, cancellation);

    /// <summary>Posts a body, right or wrong, to a gRPC method.</summary>
    public async Task<string> GrpcAsync(string method, byte[] body, string role, CancellationToken cancellation, string? encoding = null, TimeSpan? within = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(within ?? Patience);
        using var request = GrpcRequest(method, new ByteArrayContent(body), role);
        if (encoding is not null)
            request.Headers.Add("grpc-encoding", encoding);

        using var response = await _grpc.SendAsync(request, patience.Token);
        await response.Content.CopyToAsync(Stream.Null, patience.Token);
        return GrpcOutcome(response);
    }

    /// <summary>Makes a request to a gRPC method, for a connection of the caller's own.</summary>
    public HttpRequestMessage GrpcRequest(string method, HttpContent content, string role)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Grpc, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        AddRole(request, role);
        return request;
    }

    public static string GrpcOutcome(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            return Outcome.Http((int)response.StatusCode);

        var headers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        return headers.TryGetValues("grpc-status", out var status)
            ? Outcome.Grpc(status.First(), headers.TryGetValues("grpc-message", out var message) ? message.First() : "")
            : "no grpc-status";
    }

    /// <summary>Makes a request over HTTP/1.1 and returns its status.</summary>
    public async Task<string> RestAsync(HttpMethod method, string path, HttpContent? content, string role, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(method, new Uri(server.Http, path)) { Content = content };
        AddRole(request, role);
        using var response = await _http.SendAsync(request, patience.Token);
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return Outcome.Http(status);

        var answer = await response.Content.ReadAsStringAsync(patience.Token);
        return Outcome.Http(status, answer[..Math.Min(answer.Length, KeptAnswer)]);
    }

    public void Dispose()
    {
        _grpc.Dispose();
        _http.Dispose();
    }

    private static void AddRole(HttpRequestMessage request, string role)
    {
        if (role.Length > 0)
            request.Headers.Add(Access.RoleHeader, role);
    }
}
