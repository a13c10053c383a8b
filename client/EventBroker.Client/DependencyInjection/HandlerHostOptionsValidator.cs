using EventBroker.Client.Options;
using Microsoft.Extensions.Options;

namespace EventBroker.Client.DependencyInjection;

/// <summary>Names every fault of the options when the application starts.</summary>
internal sealed class HandlerHostOptionsValidator : IValidateOptions<HandlerHostOptions>
{
    public ValidateOptionsResult Validate(string? name, HandlerHostOptions options)
    {
        var faults = new OptionFaults();
        faults.InRange(options.StartTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(HandlerHostOptions.StartTimeout));
        return faults.All.Count > 0 ? ValidateOptionsResult.Fail(faults.All) : ValidateOptionsResult.Success;
    }
}
