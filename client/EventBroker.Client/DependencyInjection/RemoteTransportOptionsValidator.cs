using EventBroker.Client.Options;
using Microsoft.Extensions.Options;

namespace EventBroker.Client.DependencyInjection;

/// <summary>Names every fault of the options when the application starts.</summary>
internal sealed class RemoteTransportOptionsValidator : IValidateOptions<RemoteTransportOptions>
{
    public ValidateOptionsResult Validate(string? name, RemoteTransportOptions options) =>
        RemoteTransportOptionsRules.FindFaults(options) is { Count: > 0 } faults
            ? ValidateOptionsResult.Fail(faults)
            : ValidateOptionsResult.Success;
}
