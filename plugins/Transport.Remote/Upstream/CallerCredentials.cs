using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.Remote.Settings;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>Takes from a caller what the broker behind is to see of it.</summary>
internal sealed class CallerCredentials(RemoteSettings settings)
{
    private const string Authorization = "authorization";
    private const string Bearer = "Bearer ";

    // gRPC writes names in lower case.
    private readonly string[] _headers = [.. settings.ForwardHeaders.Select(static h => h.ToLowerInvariant()).Distinct()];

    private readonly KeyValuePair<string, string>[] _parameters =
        [.. settings.ForwardQueryParameters.Select(static p => KeyValuePair.Create(p.Key, p.Value.ToLowerInvariant()))];

    /// <summary>Reads the headers to pass on.</summary>
    /// <returns>Null if the caller brings none.</returns>
    /// <exception cref="BrokerException">UNAUTHENTICATED: one of them can't be sent.</exception>
    public Dictionary<string, string>? Read(Caller caller)
    {
        Dictionary<string, string>? found = null;
        foreach (var header in _headers)
        {
            if (caller.GetHeader(header) is { Length: > 0 } value)
            {
                (found ??= [])[header] = value;
            }
        }

        foreach (var (parameter, header) in _parameters)
        {
            if (caller.GetQueryParameter(parameter) is { Length: > 0 } value)
            {
                (found ??= []).TryAdd(header, header == Authorization ? Bearer + value : value);
            }
        }

        if (found?.FirstOrDefault(static f => f.Value.Any(char.IsControl)).Key is { } broken)
        {
            throw new BrokerException(BrokerErrorCode.Unauthenticated, $"the value for the header {broken} has a control character");
        }

        return found;
    }
}
