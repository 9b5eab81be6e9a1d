"""Workflows that users added themselves

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-23

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('own_workflow',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('owner', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('repository', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('creation_time', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_own_workflow'))
    )
    with op.batch_alter_table('own_workflow', schema=None) as batch_op:
        batch_op.create_index('ix_own_workflow_owner', ['owner', 'creation_time'], unique=False)


def downgrade():
    with op.batch_alter_table('own_workflow', schema=None) as batch_op:
        batch_op.drop_index('ix_own_workflow_owner')

    op.drop_table('own_workflow')
