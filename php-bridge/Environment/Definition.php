<?php

declare(strict_types=1);

namespace Revurb\Environment;

use Dotenv\Parser\Value;

/**
 * One line of an .env file that defines a variable. A value in double quotes may go over several lines.
 */
final readonly class Definition
{
    /**
     * @param  Value|null  $value  as phpdotenv has parsed it; null: the line has no equals sign
     * @param  int  $line  its number, from 1
     * @param  int  $lastLine  that of the line with the closing quote
     */
    public function __construct(
        public string $name,
        public ?Value $value,
        public int $line,
        public int $lastLine,
    ) {}

    public function isEmpty(): bool
    {
        return $this->value === null || $this->value->getChars() === '';
    }

    /** The other variable, where the value is nothing but `${OTHER}`. */
    public function reference(): ?string
    {
        $isReference = $this->value !== null
            && $this->value->getVars() === [0]
            && preg_match('/\A\$\{([\w.]+)\}\z/', $this->value->getChars(), $other) === 1;

        return $isReference ? $other[1] : null;
    }
}
