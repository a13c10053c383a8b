using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Settings;

// { "fromEnvironment": "NAME" } and { "fromFile": "/path" } in place of a string. Messages name where the secret
// should be, never what it is.
internal static class SecretReader
{
    private const string FromEnvironment = "fromEnvironment";
    private const string FromFile = "fromFile";
    private const string Rule = "must be a string, { \"fromEnvironment\": \"NAME\" } or { \"fromFile\": \"/path\" }";

    public static string? Read(IConfigurationSection section, string path, ICollection<SettingsError> errors)
    {
        if (section.GetChildren().ToList() is not [{ Value: { Length: > 0 } where } source])
        {
            return Fault(path, Rule);
        }

        if (source.Key.Equals(FromEnvironment, StringComparison.OrdinalIgnoreCase))
        {
            return Environment.GetEnvironmentVariable(where)
                ?? Fault(SettingsPath.Key(path, FromEnvironment), $"environment variable {where} is not set");
        }

        return source.Key.Equals(FromFile, StringComparison.OrdinalIgnoreCase)
            ? ReadFile(where, SettingsPath.Key(path, FromFile))
            : Fault(path, Rule);

        string? Fault(string at, string message)
        {
            errors.Add(new SettingsError { Path = at, Message = message });
            return null;
        }

        string? ReadFile(string file, string at)
        {
            try
            {
                var text = File.ReadAllText(file);

                // Editors and echo end a file with a newline that is not part of the secret.
                return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
                    : text.EndsWith('\n') ? text[..^1]
                    : text;
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                return Fault(at, $"file {file} does not exist");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return Fault(at, $"file {file} can't be read: {exception.Message}");
            }
        }
    }
}
