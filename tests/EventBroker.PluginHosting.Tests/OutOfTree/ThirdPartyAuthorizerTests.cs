using System.Diagnostics;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using SystemProcess = System.Diagnostics.Process;

namespace EventBroker.PluginHosting.Tests.OutOfTree;

public sealed class ThirdPartyAuthorizerTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_authorizer_built_elsewhere_against_the_packed_SDK_is_dropped_in_and_decides()
    {
        var packages = Path.Combine(_folder.Root, "packages");
        var project = Directory.CreateDirectory(Path.Combine(_folder.Root, "Acme.Keys")).FullName;
        var output = Path.Combine(_folder.Plugins, "acme-keys");
        await RunAsync(
            RepositoryRoot(), "pack", "sdk/EventBroker.Sdk/EventBroker.Sdk.csproj", "-o", packages, "-p:PackageVersion=99.0.0-test", "-p:ArtifactsPath=" + Path.Combine(_folder.Root, "artifacts"));
        WriteProject(project, packages);

        await RunAsync(project, "build", "-o", output);

        Assert.False(File.Exists(Path.Combine(output, "EventBroker.Sdk.dll")));
        var errors = new List<SettingsError>();
        var plan = _folder.Plan(
            """
            {
              "authorizers": [ { "plugin": "acme-keys", "settings": { "keys": [ "k1" ], "remember": "30s" } } ]
            }
            """,
            errors);
        Assert.DoesNotContain(errors, static e => e.Path.StartsWith("$.authorizers", StringComparison.Ordinal));
        await using var host = await plan.StartAsync(TimeProvider.System, NullLoggerFactory.Instance, default);
        Assert.True((await FakeCaller.AskAsync(host.Authorizers[0], "k1")).IsAllowed);
        Assert.False((await FakeCaller.AskAsync(host.Authorizers[0], "k2")).IsAllowed);
    }

    private static void WriteProject(string project, string packages)
    {
        // Beside the machine's own sources; its package folder, so that no test package ends up in the machine's cache.
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(project, "cache")}" /></config>
              <packageSources><add key="packed" value="{packages}" /></packageSources>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(project, "Acme.Keys.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <EnableDynamicLoading>true</EnableDynamicLoading>
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                <PackageReference Include="EventBroker.Sdk" Version="99.0.0-test" ExcludeAssets="runtime" />
                <Content Include="plugin.json" CopyToOutputDirectory="Always" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "plugin.json"), """
            { "id": "acme-keys", "version": "1.0.0", "kind": "authorizer", "entryAssembly": "Acme.Keys.dll", "sdk": { "min": "2.0", "max": "2" } }
            """);
        File.WriteAllText(Path.Combine(project, "Keys.cs"), """
            using System.ComponentModel.DataAnnotations;
            using EventBroker.Sdk.Authorization;
            using EventBroker.Sdk.Plugins;

            [assembly: EventBrokerPlugin(typeof(Acme.Keys.KeysPlugin))]

            namespace Acme.Keys;

            public sealed class KeysSettings
            {
                [MinLength(1)]
                public string[] Keys { get; set; } = [];

                public TimeSpan Remember { get; set; }
            }

            public sealed class KeysPlugin : AuthorizerPlugin<KeysSettings>
            {
                protected override ValueTask<IAuthorizer> CreateAsync(
                    KeysSettings settings, PluginContext context, CancellationToken cancellationToken) => new(new KeysAuthorizer(settings));
            }

            public sealed class KeysAuthorizer(KeysSettings settings) : IAuthorizer
            {
                public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
                    new(request.Caller.GetHeader("x-key") is { } key && settings.Keys.Contains(key)
                        ? AuthorizationDecision.Allow
                        : AuthorizationDecision.Unauthenticated("no or unknown key"));
            }
            """);
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run from the repository's build output.");
    }

    private static async Task RunAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [.. arguments, "-nodeReuse:false", "-p:UseSharedCompilation=false"])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = SystemProcess.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {arguments[0]}: {await output}{await errors}");
    }
}
