using System.CommandLine;
using NodeAgent;

// join: Joining/Joiner.cs · run: Agent.cs · doctor: DoctorCommand.cs · state: StateCommand.cs · plan: PlanCommand.cs · cleanup: CleanupCommand.cs · image: ImageCommands.cs
return await CommandLine.Run(new RootCommand("The agent of a node: pods, their network, and Services.")
{
    JoinCommand.Create(), ResetCommand.Create(), RunCommand.Create(), DoctorCommand.Create(), StateCommand.Create(), PlanCommand.Create(), CleanupCommand.Create(), ImageCommands.Create(),
}, args);
