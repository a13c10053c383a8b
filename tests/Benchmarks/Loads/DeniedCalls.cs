using System.Net;
using System.Net.Http.Headers;
using Benchmarks.Bare;
using Benchmarks.Clients;
using Benchmarks.Servers;
using Google.Protobuf;

namespace Benchmarks.Loads;

/// <summary>Calls of ten thousand items, one at a time, by somebody who may do nothing. A message is one call.</summary>
internal sealed class DeniedCalls : ILoad
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null });
    private readonly Uri _target;
    private readonly byte[] _frame;
    private readonly string _secret;
    private readonly string _expected;

    /// <summary>Initializes the load.</summary>
    /// <param name="server">The broker, or the bare server, which denies everything.</param>
    /// <param name="method">The gRPC method's path.</param>
    /// <param name="request">What is sent each time.</param>
    /// <param name="secret">What the authorizer knows a proxy by; empty to send nothing.</param>
    /// <param name="expected">The broker's gRPC status.</param>
    public DeniedCalls(ServerProcess server, string method, IMessage request, string secret, string expected)
    {
        _target = new Uri(server.Addresses.Grpc, server.IsBare ? BareDrop.Path : method);
        _expected = server.IsBare ? "7" : expected;
        _frame = GrpcFrame.Of(request);
        _secret = secret;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        for (var i = 0; i < messages; i++)
        {
            using var request = NewRequest();
            using var response = await _http.SendAsync(request, cancellation);
            await response.Content.CopyToAsync(Stream.Null, cancellation);
            var headers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
            var status = headers.TryGetValues("grpc-status", out var values) ? values.First() : "none";
            if (status != _expected)
                throw new InvalidOperationException($"{_target} was answered with gRPC status {status} in place of {_expected}.");
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private HttpRequestMessage NewRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _target)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(_frame),
        };
        request.Content.Headers.ContentType = Grpc;
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("x-role", "nobody");
        if (_secret.Length > 0)
            request.Headers.Add("x-proxy-secret", _secret);

        return request;
    }
}
