<?php

declare(strict_types=1);

namespace Revurb\Console;

use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;

use function Laravel\Prompts\confirm;

/**
 * The questions of `reverb:install`, each with an option that answers it: `--bun` and `--no-bun`.
 */
final readonly class Questions
{
    public const BUN = 'bun';

    public const CONNECTION = 'connection';

    public const BROADCASTING = 'broadcasting';

    public const NODE = 'node';

    /** What each option does. */
    private const OPTIONS = [
        self::BUN => 'Download Bun to storage/revurb if there is none that can be used',
        self::CONNECTION => 'Let Laravel publish to the server: BROADCAST_CONNECTION=reverb in .env',
        self::BROADCASTING => 'Add channels and Laravel Echo, as install:broadcasting does',
        self::NODE => 'Install laravel-echo and pusher-js with your package manager, and build the assets',
    ];

    public function __construct(private InputInterface $input) {}

    public static function addOptions(Command $command): void
    {
        foreach (self::OPTIONS as $name => $description) {
            $command->addOption($name, null, InputOption::VALUE_NEGATABLE, $description);
        }
    }

    /**
     * @param  bool  $unattended  the answer without an option and without a terminal
     * @param  string  $hint  a line below the question
     */
    public function isYes(string $option, string $question, bool $unattended = true, string $hint = ''): bool
    {
        return $this->given($option) ?? ($unattended || $this->hasTerminal() ? confirm($question, default: true, hint: $hint) : false);
    }

    /** Whether the option demands it, so that the command fails if it cannot be done. */
    public function isDemanded(string $option): bool
    {
        return $this->given($option) === true;
    }

    public function isAnswered(string $option): bool
    {
        return $this->given($option) !== null;
    }

    public function hasTerminal(): bool
    {
        return $this->input->isInteractive() && stream_isatty(STDIN);
    }

    /** @return list<string> the options as they were given */
    public function options(): array
    {
        $given = array_filter(array_map($this->given(...), array_combine($names = array_keys(self::OPTIONS), $names)), is_bool(...));

        return array_map(static fn (string $name, bool $isYes): string => ($isYes ? '--' : '--no-').$name, array_keys($given), $given);
    }

    private function given(string $option): ?bool
    {
        $value = $this->input->getOption($option);

        return is_bool($value) ? $value : null;
    }
}
