using System.CommandLine;
using ControlPlane;

var dataDirectory = new Option<DirectoryInfo>("--data-dir")
{
    Description = "Where the store and the certificates are kept", DefaultValueFactory = _ => new DirectoryInfo("/var/lib/nodeagent-controlplane"),
};

var root = new RootCommand("The control plane: Kubernetes API server, controllers and scheduler in one process.")
{
    InitCommand.Create(dataDirectory), RunCommand.Create(dataDirectory), TokenCommand.Create(dataDirectory), KubeconfigCommand.Create(dataDirectory), CertsCommand.Create(dataDirectory), EncryptionCommand.Create(dataDirectory),
    BackupCommand.CreateBackup(dataDirectory), BackupCommand.CreateRestore(dataDirectory),
};
var arguments = root.Parse(args);
var code = await arguments.InvokeAsync();
return arguments.Errors.Count > 0 ? 2 : code;
