using EventBroker.Client.Options;
using Grpc.Core;

namespace EventBroker.Client.Connections;

/// <summary>The headers of a transport's calls, and where its tokens come from.</summary>
internal sealed class CallHeaders
{
    private readonly KeyValuePair<string, string>[] _fixed;
    private readonly Func<CancellationToken, ValueTask<string?>>? _tokenProvider;
    private readonly string? _source;

    public CallHeaders(RemoteTransportOptions options)
        : this([.. options.Headers], options.TokenProvider, options.Source)
    {
    }

    private CallHeaders(
        KeyValuePair<string, string>[] headers, Func<CancellationToken, ValueTask<string?>>? tokenProvider, string? source)
    {
        _fixed = headers;
        _tokenProvider = tokenProvider;
        _source = source;
    }

    public bool HasTokenProvider => _tokenProvider is not null;

    /// <summary>The same with other headers on top. Credentials that they bring replace the token.</summary>
    public CallHeaders With(IReadOnlyDictionary<string, string> headers)
    {
        var all = new Dictionary<string, string>(_fixed, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            if (!HeaderRules.IsName(name) || value is null || !HeaderRules.IsSendable(value))
            {
                throw new ArgumentException($"'{name}' is no header name, or its value holds a control character", nameof(headers));
            }

            all[name] = value;
        }

        return new CallHeaders([.. all], all.ContainsKey("authorization") ? null : _tokenProvider, _source);
    }

    public ValueTask<Metadata> CreateAsync(string? source, CancellationToken cancellationToken)
    {
        var metadata = new Metadata();
        foreach (var (name, value) in _fixed)
        {
            metadata.Add(name, value);
        }

        if ((source ?? _source) is { Length: > 0 } publisher)
        {
            metadata.Add("x-source", publisher);
        }

        return _tokenProvider is null ? new(metadata) : AddTokenAsync(metadata, _tokenProvider, cancellationToken);
    }

    private static async ValueTask<Metadata> AddTokenAsync(
        Metadata metadata, Func<CancellationToken, ValueTask<string?>> provider, CancellationToken cancellationToken)
    {
        if (await provider(cancellationToken).ConfigureAwait(false) is { } token)
        {
            // Files end with a line break.
            token = token.Trim();
            if (token.Length == 0)
            {
                // Such as a file that is being written anew: there is a token the next time.
                throw new EventBrokerException(
                    ErrorCode.Unavailable, "the token provider has returned an empty token; null means none");
            }

            if (!HeaderRules.IsVisibleAscii(token))
            {
                throw new EventBrokerException(
                    ErrorCode.Unauthenticated, "the token provider has returned a token that no header takes: visible ASCII characters are allowed");
            }

            metadata.Add("authorization", "Bearer " + token);
        }

        return metadata;
    }
}
